// The executable's first file: runs the program from the form V8 keeps it in (see program-code.ts). A
// Node that does not take that form compiles the text as usual.

'use strict'

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const zlib = require('node:zlib')

const file = path.join(__dirname, 'program.cjs')
const text = zlib.zstdDecompressSync(fs.readFileSync(`${file}.zst`)).toString('latin1')
const program = new vm.Script(text, {
  filename: file,
  cachedData: fs.readFileSync(path.join(__dirname, 'program.code')),
})
program.runInThisContext()(exports, require, module, file, __dirname)
