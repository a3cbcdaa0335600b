internal import AsyncHTTPClient
internal import DibsCore
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Reason that a request got no answer, in words that hold nothing of what was sent.
///
/// An error of the client may carry headers, and so the key; only its kind is told.
enum Unreached {
    /// The error of an exchange that failed.
    static func error(_ error: any Error, at address: String) -> DibsError {
        var details = ["url": address]
        switch error {
        case let error as NIOSSLError where isOfCertificate(error):
            return DibsError(
                .serverUnreachable, "The server's certificate is not trusted here.",
                details: details,
                hint: "Set SSL_CERT_FILE to the certificate of the authority that signed it, in "
                    + "PEM; where it expired, renew it on the server.")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return DibsError(
                .serverUnreachable, "The server's certificate is for another name.",
                details: details, hint: "Use the name that it is for as --url or DIBS_URL.")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return DibsError(
                .serverUnreachable, "What answers at this address speaks no TLS that is known.",
                details: details, hint: "Use http:// where the server has no TLS.")
        case let error as HTTPClientError where proxied.contains(error):
            details["reason"] = error.shortDescription
            return DibsError(
                .serverUnreachable, "The proxy does not let the request through.",
                details: details,
                hint: "Check HTTPS_PROXY and HTTP_PROXY, or name the server in NO_PROXY.")
        default:
            details["reason"] = reason(error)
            return DibsError(
                .serverUnreachable, "The server cannot be reached.", details: details,
                hint: "Start it with: dibs serve; or check --url or DIBS_URL.")
        }
    }

    private static let proxied: [HTTPClientError] = [
        .invalidProxyResponse, .proxyAuthenticationRequired, .httpProxyHandshakeTimeout,
        .socksHandshakeTimeout, .invalidProxyConfiguration,
    ]

    private static func isOfCertificate(_ error: NIOSSLError) -> Bool {
        switch error {
        case .unableToValidateCertificate, .noCertificateToValidate: true
        case .handshakeFailed: "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
        default: false
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as IOError: error.description
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "no address of it answers"
        case is HTTPParserError: "what answers speaks no HTTP"
        default: "\(type(of: error))"
        }
    }
}
