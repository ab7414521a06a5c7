// The version of the product. A test keeps it equal to package.json's: read from there it would be
// one more file the executable has to carry.

export const VERSION = '0.1.0'
