// The program as V8 has it after its smallest run: a start that takes it over neither reads megabytes
// of text again nor compiles what every command begins with, together half of it. Only the Node that
// made it takes it, and the executable carries that.

import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Script } from 'node:vm'
import { constants, zstdCompressSync } from 'node:zlib'

const MAKE = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const path = require('node:path')
  const { Script } = require('node:vm')
  const [node, text, code] = process.argv
  const script = new Script(readFileSync(text, 'latin1'), { filename: 'program.cjs' })
  process.on('exit', () => writeFileSync(code, script.createCachedData()))
  process.argv = [node, text, '--version']
  script.runInThisContext()({}, require, { exports: {} }, text, path.dirname(text))`

// With its usual seed, chosen at each start, V8 writes names in another order each time; and what it
// has compiled it may drop again when memory is collected.
const STEADY = ['--hash-seed=1', '--no-flush-bytecode']

const LEVEL = { [constants.ZSTD_c_compressionLevel]: 19 }

/** In the place of `program.cjs` puts `main.cjs`, the program as a function, packed, and its code. */
export function keepProgramCode(root: string, folder: string): void {
  const [text, code] = ['program.cjs', 'program.code'].map((name) => path.join(folder, name))
  const body = readFileSync(text!, 'latin1')
  const source = `(function (exports, require, module, __filename, __dirname) {${body}\n})`
  writeFileSync(text!, source, 'latin1')
  execFileSync(process.execPath, [...STEADY, '-e', MAKE, text!, code!], { env: {} })
  writeFileSync(code!, withFlagsOf(new Script(source).createCachedData(), readFileSync(code!)))
  const { cachedDataRejected } = new Script(source, { cachedData: readFileSync(code!) })
  if (cachedDataRejected !== false) throw new Error('V8 refuses the code that it made itself.')
  // Text packs to a fifth, and is there again within some 15 ms.
  writeFileSync(`${text!}.zst`, zstdCompressSync(readFileSync(text!), { params: LEVEL }))
  rmSync(text!)
  cpSync(path.join(root, 'src/packaging/start.cjs'), path.join(folder, 'main.cjs'))
}

// The fourth word of the head is a digest of V8's flags, the seed among them; it must be that of a
// start without any. The seed itself is in nothing that follows: V8 numbers the names anew.
function withFlagsOf(plain: Buffer, seeded: Buffer): Buffer {
  return Buffer.concat([seeded.subarray(0, 12), plain.subarray(12, 16), seeded.subarray(16)])
}
