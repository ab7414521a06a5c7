// Every thread's first file inside the executable: unpacks the worker it is asked for and runs it.
// The unpacking takes the thread's time, a few milliseconds, and none of the server's.

'use strict'

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const { workerData: name } = require('node:worker_threads')
const zlib = require('node:zlib')

const file = path.join(__dirname, `worker-${name}.cjs`)
const source = zlib.brotliDecompressSync(fs.readFileSync(`${file}.br`)).toString('latin1')
const names = ['exports', 'require', 'module', '__filename', '__dirname']
const worker = vm.compileFunction(source, names, { filename: file })
worker(exports, require, module, file, __dirname)
