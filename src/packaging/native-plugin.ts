// esbuild plugin: each native addon is named statically (the packages' own search at run time would
// find nothing inside an executable), copied to <bundle>/native, and loaded through the prelude,
// which checks the SHA-256 written into the bundle here.

import type { Plugin } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** What our code imports → the module of the same package that names the binary for linux-x64. */
const STATIC_ENTRY: Readonly<Record<string, string>> = {
  'better-sqlite3': 'better-sqlite3/linux-x64',
  '@node-rs/argon2': '@node-rs/argon2-linux-x64-gnu',
}

export function nativePlugin(root: string, outFolder: string): Plugin {
  const { resolve } = createRequire(path.join(root, 'package.json'))
  const folder = path.join(outFolder, 'native')
  return {
    name: 'native',
    setup(build) {
      for (const [name, entry] of Object.entries(STATIC_ENTRY)) {
        const filter = new RegExp(`^${name.replaceAll('/', '\\/')}$`)
        build.onResolve({ filter }, () => ({ path: resolve(entry) }))
      }
      build.onResolve({ filter: /\.node$/ }, ({ path: file, resolveDir }) => ({
        path: path.resolve(resolveDir, file),
      }))
      build.onLoad({ filter: /\.node$/ }, ({ path: file }) => {
        const bytes = readFileSync(file)
        const name = path.basename(file)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        mkdirSync(folder, { recursive: true })
        writeFileSync(path.join(folder, name), bytes)
        const contents = `module.exports = __loadNative(${JSON.stringify([name, sha256])})`
        return { loader: 'js', contents }
      })
    },
  }
}
