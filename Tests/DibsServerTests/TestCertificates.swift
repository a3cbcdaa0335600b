import NIOSSL

/// An authority that no system trusts, and what it signed, until 2126.
enum TestCertificates {
    /// The authority's own, in PEM.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBkzCCATmgAwIBAgIUDQ8LepjV39MZQtkfl8KPTQhqlh4wCgYIKoZIzj0EAwIw
        HjEcMBoGA1UEAwwTQXV0aG9yaXR5IG9mIGEgdGVzdDAgFw0yNjExMjUxMDM5MDRa
        GA8yMTI2MTEwMTEwMzkwNFowHjEcMBoGA1UEAwwTQXV0aG9yaXR5IG9mIGEgdGVz
        dDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAz+1S9yFhuWAwL97b/tPWhOjB60
        91ioszQQjRU0v2CV4HpHsKan3/cTZHb6oo0xeCI1yS7AI87WOVXs5WWFNHajUzBR
        MB0GA1UdDgQWBBSx5oZwEmYuvgppcD2/GAVD5QJi9DAfBgNVHSMEGDAWgBSx5oZw
        EmYuvgppcD2/GAVD5QJi9DAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA
        MEUCIDAlsRfnS5aEN8tw1oFmlsRM43kdCxfbD3pAUKiC44dIAiEAzvcUlPZXt4d5
        x9JtXF53G01cM7t1AGGJ39l5SoPKYmA=
        -----END CERTIFICATE-----
        """

    /// What a server called localhost shows.
    static let localhost = (
        certificate: """
        -----BEGIN CERTIFICATE-----
        MIIBpDCCAUmgAwIBAgIUYtbJmfCCHT1pnw8LlK9+WlzevLkwCgYIKoZIzj0EAwIw
        HjEcMBoGA1UEAwwTQXV0aG9yaXR5IG9mIGEgdGVzdDAgFw0yNjExMjUxMDM5MDRa
        GA8yMTI2MTEwMTEwMzkwNFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEmM1U1pO1sH98CeicB00b4/x8+tX1toGUGZYAchut
        K45lV3J4tdw00Rq2LxV/+SwjIBhmBaupM0cikCivXvhDx6NtMGswFAYDVR0RBA0w
        C4IJbG9jYWxob3N0MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBROY82f
        zU3cCUryRwMVux9jy5sUuTAfBgNVHSMEGDAWgBSx5oZwEmYuvgppcD2/GAVD5QJi
        9DAKBggqhkjOPQQDAgNJADBGAiEA0O7MgIj1qDr1/ln7Hxk+sFK48Bua6Qphq4Fl
        RMMIWAwCIQDHkAerRNjLyNPZF51fHS8s65YhXbRxcJSGVtGYcKKNCg==
        -----END CERTIFICATE-----
        """,
        key: """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY7xPLyG13g3XCqZX
        zJgzIrFP2lLQjQUIUqWTFVRN/qGhRANCAASYzVTWk7Wwf3wJ6JwHTRvj/Hz61fW2
        gZQZlgByG60rjmVXcni13DTRGrYvFX/5LCMgGGYFq6kzRyKQKK9e+EPH
        -----END PRIVATE KEY-----
        """
    )

    /// What a server called other.example shows.
    static let other = (
        certificate: """
        -----BEGIN CERTIFICATE-----
        MIIBqzCCAVGgAwIBAgIUYtbJmfCCHT1pnw8LlK9+WlzevLowCgYIKoZIzj0EAwIw
        HjEcMBoGA1UEAwwTQXV0aG9yaXR5IG9mIGEgdGVzdDAgFw0yNjExMjUxMDM5MDRa
        GA8yMTI2MTEwMTEwMzkwNFowGDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABCVVxzioOA5bZiVSKHQmkx1mm2nNPro9aAM5
        vuDVDe6sNkK/mf7fEyzvhF4QZ0EUacQSqQGkx6oQyzi/OaC51VijcTBvMBgGA1Ud
        EQQRMA+CDW90aGVyLmV4YW1wbGUwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0O
        BBYEFLP9wOYYvUg3vE+wFuXUHYq85FwyMB8GA1UdIwQYMBaAFLHmhnASZi6+Cmlw
        Pb8YBUPlAmL0MAoGCCqGSM49BAMCA0gAMEUCIQCf4R/YQyoGEbOuC19OSTIIbFD8
        R9WVIxOhUpwhy54PqQIgU/+xE1wvCxtOUBwyskkzVXtkPgtZDXzBd3kr19Z6nZ4=
        -----END CERTIFICATE-----
        """,
        key: """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbPoWXNxjtig/XbjP
        72XE34JlesN8BIIZrpFtXwXFQ7ehRANCAAQlVcc4qDgOW2YlUih0JpMdZptpzT66
        PWgDOb7g1Q3urDZCv5n+3xMs74ReEGdBFGnEEqkBpMeqEMs4vzmgudVY
        -----END PRIVATE KEY-----
        """
    )

    /// The TLS of a server that shows a certificate.
    static func tls(_ shown: (certificate: String, key: String)) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(shown.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(shown.key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
    }
}
