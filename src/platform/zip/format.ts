// The records of a ZIP file that reading and writing share (PKWARE APPNOTE 6.3.10, section 4.3).

/** Signatures, as little-endian numbers. */
export const LOCAL_HEADER = 0x04034b50
export const CENTRAL_HEADER = 0x02014b50
export const END_RECORD = 0x06054b50

/** Lengths without names, extra fields and comments. */
export const LOCAL_BYTES = 30
export const CENTRAL_BYTES = 46
export const END_BYTES = 22

export const STORED = 0
export const DEFLATED = 8

/** Bits of the flags. */
export const ENCRYPTED = 1 << 0
export const UTF8_NAME = 1 << 11

/** What stands in a field whose value is in a ZIP64 record instead. */
export const IN_ZIP64_16 = 0xffff
export const IN_ZIP64_32 = 0xffffffff
