// esbuild plugin: each native addon is named statically (the packages' own search at run time would
// find nothing inside an executable), copied to <bundle>/native without its symbols, and loaded
// through the prelude, which checks the SHA-256 written into the bundle here.

import type { Plugin } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { packed } from './packed.ts'
import { stripSymbols } from './elf.ts'

/** What our code imports → the file below node_modules that names the binary for linux-x64. */
const STATIC_ENTRY: Readonly<Record<string, string>> = {
  'better-sqlite3': 'better-sqlite3/lib/linux-x64.js',
  '@node-rs/argon2': '@node-rs/argon2-linux-x64-gnu/argon2.linux-x64-gnu.node',
}

export function nativePlugin(root: string, outFolder: string): Plugin {
  const folder = path.join(outFolder, 'native')
  return {
    name: 'native',
    setup(build) {
      for (const [name, entry] of Object.entries(STATIC_ENTRY)) {
        const filter = new RegExp(`^${name.replaceAll('/', '\\/')}$`)
        build.onResolve({ filter }, () => ({ path: path.join(root, 'node_modules', entry) }))
      }
      build.onResolve({ filter: /\.node$/ }, ({ path: file, resolveDir }) => ({
        path: path.resolve(resolveDir, file),
      }))
      build.onLoad({ filter: /\.node$/ }, ({ path: file }) => {
        const bytes = stripSymbols(readFileSync(file))
        const name = path.basename(file)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        mkdirSync(folder, { recursive: true })
        writeFileSync(path.join(folder, `${name}.z`), packed(bytes))
        const contents = `module.exports = __loadNative(${JSON.stringify([name, sha256])})`
        return { loader: 'js', contents }
      })
    },
  }
}
