/*
 * A file layer for SQLite that forgets, when its process is killed, what was not synced.
 *
 * kill -9 alone proves little: what was written is in the page cache and survives. Loaded into a
 * program with LD_PRELOAD, this registers a default VFS that keeps the writes to databases and
 * their logs in memory, as a disk keeps them in its cache, and hands them to the real file at
 * xSync. Every so often it also hands over half of a write by itself, for a disk writes when it
 * likes, and not in order.
 *
 * With POWERCUT_FORGETS_SYNC=1 it does nothing at xSync: the control, which must lose writes.
 * With POWERCUT_FULL_AFTER=n the disk is full from the n-th write on.
 *
 * One process at a time may use a file through it. Locks and shared memory are the real file's.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* A write that the real file does not have yet. */
typedef struct Write {
    struct Write *next;
    sqlite3_int64 offset;
    int count;
    /* Not a write: the file is cut to `offset`. */
    int is_truncation;
    unsigned char bytes[];
} Write;

/* What the process sees of one file, whoever has it open. */
typedef struct Image {
    struct Image *next;
    char *path;
    unsigned char *bytes;
    sqlite3_int64 size, capacity;
    Write *first, **last;
} Image;

typedef struct File {
    sqlite3_file base;
    Image *image;
    sqlite3_file *real;
} File;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Image *images;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs cut_vfs;
static int forgets_sync;
/* How many more writes there is room for; negative is no limit. */
static long room = -1;

static sqlite3_file *real(sqlite3_file *file) { return ((File *)file)->real; }

static Image *find(const char *path) {
    for (Image *image = images; image; image = image->next)
        if (strcmp(image->path, path) == 0) return image;
    return NULL;
}

static int resize(Image *image, sqlite3_int64 size) {
    if (size > image->capacity) {
        sqlite3_int64 capacity = size * 2 + 65536;
        unsigned char *bytes = realloc(image->bytes, (size_t)capacity);
        if (!bytes) return SQLITE_NOMEM;
        image->bytes = bytes;
        image->capacity = capacity;
    }
    if (size > image->size)
        memset(image->bytes + image->size, 0, (size_t)(size - image->size));
    image->size = size;
    return SQLITE_OK;
}

/* Keeps a write for the next sync. */
static int keep(Image *image, const void *bytes, int count, sqlite3_int64 offset, int truncates) {
    Write *write = malloc(sizeof(Write) + (size_t)count);
    if (!write) return SQLITE_NOMEM;
    *write = (Write){.offset = offset, .count = count, .is_truncation = truncates};
    if (count) memcpy(write->bytes, bytes, (size_t)count);
    *image->last = write;
    image->last = &write->next;
    return SQLITE_OK;
}

static int cut_close(sqlite3_file *file) {
    int code = real(file)->pMethods->xClose(real(file));
    free(real(file));
    return code;
}

static int cut_read(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
    Image *image = ((File *)file)->image;
    pthread_mutex_lock(&lock);
    sqlite3_int64 there = image->size - offset;
    if (there < 0) there = 0;
    if (there > count) there = count;
    if (there) memcpy(into, image->bytes + offset, (size_t)there);
    pthread_mutex_unlock(&lock);
    if (there == count) return SQLITE_OK;
    memset((char *)into + there, 0, (size_t)(count - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int cut_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    Image *image = ((File *)file)->image;
    pthread_mutex_lock(&lock);
    int code = room == 0 ? SQLITE_FULL : SQLITE_OK;
    if (room > 0) room--;
    if (code == SQLITE_OK && offset + count > image->size) code = resize(image, offset + count);
    if (code == SQLITE_OK) {
        memcpy(image->bytes + offset, bytes, (size_t)count);
        code = keep(image, bytes, count, offset, 0);
    }
    if (code == SQLITE_OK && rand() % 8 == 0 && count > 1)
        real(file)->pMethods->xWrite(real(file), bytes, count / 2, offset);
    pthread_mutex_unlock(&lock);
    return code;
}

static int cut_truncate(sqlite3_file *file, sqlite3_int64 size) {
    Image *image = ((File *)file)->image;
    pthread_mutex_lock(&lock);
    int code = resize(image, size);
    if (code == SQLITE_OK) code = keep(image, NULL, 0, size, 1);
    pthread_mutex_unlock(&lock);
    return code;
}

static int cut_sync(sqlite3_file *file, int flags) {
    Image *image = ((File *)file)->image;
    if (forgets_sync) return SQLITE_OK;
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    while (image->first && code == SQLITE_OK) {
        Write *write = image->first;
        const sqlite3_io_methods *methods = real(file)->pMethods;
        code = write->is_truncation
            ? methods->xTruncate(real(file), write->offset)
            : methods->xWrite(real(file), write->bytes, write->count, write->offset);
        image->first = write->next;
        free(write);
    }
    if (!image->first) image->last = &image->first;
    if (code == SQLITE_OK) code = real(file)->pMethods->xSync(real(file), flags);
    pthread_mutex_unlock(&lock);
    return code;
}

static int cut_size(sqlite3_file *file, sqlite3_int64 *size) {
    pthread_mutex_lock(&lock);
    *size = ((File *)file)->image->size;
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int cut_lock(sqlite3_file *file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
static int cut_unlock(sqlite3_file *file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
static int cut_reserved(sqlite3_file *file, int *answer) {
    return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}
static int cut_control(sqlite3_file *file, int what, void *argument) {
    /* These would change the real file behind the image. */
    if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
    return real(file)->pMethods->xFileControl(real(file), what, argument);
}
static int cut_sector(sqlite3_file *file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
static int cut_characteristics(sqlite3_file *file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
static int cut_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, at);
}
static int cut_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void cut_shm_barrier(sqlite3_file *file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
static int cut_shm_unmap(sqlite3_file *file, int deletes) {
    return real(file)->pMethods->xShmUnmap(real(file), deletes);
}

/* Version 2: with shared memory, without mapped reads, which would not see the image. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = cut_close,
    .xRead = cut_read,
    .xWrite = cut_write,
    .xTruncate = cut_truncate,
    .xSync = cut_sync,
    .xFileSize = cut_size,
    .xLock = cut_lock,
    .xUnlock = cut_unlock,
    .xCheckReservedLock = cut_reserved,
    .xFileControl = cut_control,
    .xSectorSize = cut_sector,
    .xDeviceCharacteristics = cut_characteristics,
    .xShmMap = cut_shm_map,
    .xShmLock = cut_shm_lock,
    .xShmBarrier = cut_shm_barrier,
    .xShmUnmap = cut_shm_unmap,
};

/* The image of a file, read from the real one when it is first opened. */
static Image *image_of(const char *path, sqlite3_file *file) {
    Image *image = find(path);
    if (image) return image;
    image = calloc(1, sizeof(Image));
    if (!image) return NULL;
    image->path = strdup(path);
    image->last = &image->first;
    sqlite3_int64 size = 0;
    file->pMethods->xFileSize(file, &size);
    if (resize(image, size) != SQLITE_OK) return NULL;
    if (size) file->pMethods->xRead(file, image->bytes, (int)size, 0);
    image->next = images;
    images = image;
    return image;
}

static int cut_open(
    sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *answer
) {
    (void)vfs;
    if (!path || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return real_vfs->xOpen(real_vfs, path, file, flags, answer);
    File *cut = (File *)file;
    cut->base.pMethods = NULL;
    cut->real = calloc(1, (size_t)real_vfs->szOsFile);
    if (!cut->real) return SQLITE_NOMEM;
    int code = real_vfs->xOpen(real_vfs, path, cut->real, flags, answer);
    if (code != SQLITE_OK) {
        if (cut->real->pMethods) cut->real->pMethods->xClose(cut->real);
        free(cut->real);
        return code;
    }
    pthread_mutex_lock(&lock);
    cut->image = image_of(path, cut->real);
    pthread_mutex_unlock(&lock);
    if (!cut->image) return SQLITE_NOMEM;
    cut->base.pMethods = &methods;
    return SQLITE_OK;
}

static int cut_delete(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    for (Image **link = &images; *link; link = &(*link)->next) {
        if (strcmp((*link)->path, path) != 0) continue;
        *link = (*link)->next; /* Whoever has it open still may, so it is not freed. */
        break;
    }
    pthread_mutex_unlock(&lock);
    return real_vfs->xDelete(real_vfs, path, syncs);
}

static int cut_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    Image *image = flags == SQLITE_ACCESS_EXISTS ? find(path) : NULL;
    if (image) *answer = image->size > 0;
    pthread_mutex_unlock(&lock);
    return image ? SQLITE_OK : real_vfs->xAccess(real_vfs, path, flags, answer);
}

__attribute__((constructor)) static void enter(void) {
    sqlite3_initialize();
    const char *forgets = getenv("POWERCUT_FORGETS_SYNC");
    forgets_sync = forgets && *forgets == '1';
    const char *full_after = getenv("POWERCUT_FULL_AFTER");
    if (full_after) room = atol(full_after);
    real_vfs = sqlite3_vfs_find(NULL);
    cut_vfs = *real_vfs;
    cut_vfs.zName = "powercut";
    if (cut_vfs.szOsFile < (int)sizeof(File)) cut_vfs.szOsFile = (int)sizeof(File);
    cut_vfs.xOpen = cut_open;
    cut_vfs.xDelete = cut_delete;
    cut_vfs.xAccess = cut_access;
    sqlite3_vfs_register(&cut_vfs, 1);
}
