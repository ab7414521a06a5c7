// Node strips types from .ts by itself but refuses .tsx: JSX is no type syntax. This adds .tsx through
// esbuild, in the same thread; workers inherit --import and with it this hook. What was made of a file
// is kept under node_modules, with V8's code of every module: a second start costs a third of the first.

import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire, enableCompileCache, registerHooks } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache/rulewright')
enableCompileCache(path.join(cache, 'code'))

/** @type {import('esbuild').TransformOptions} */
const OPTIONS = {
  loader: 'tsx',
  format: 'esm',
  target: 'node24',
  jsx: 'automatic',
  jsxImportSource: 'hono/jsx',
  sourcemap: 'inline',
}
const made = createHash('sha256')
  .update(readFileSync(require.resolve('esbuild/package.json')))
  .update(JSON.stringify(OPTIONS))
  .digest('hex')

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('.tsx')) return next(url, context)
    return { format: 'module', shortCircuit: true, source: sourceOf(fileURLToPath(url)) }
  },
})

/** @param {string} file */
function sourceOf(file) {
  const text = readFileSync(file, 'utf8')
  const name = createHash('sha256').update(`${made}\n${file}\n${text}`).digest('hex')
  const kept = path.join(cache, 'tsx', name)
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    const { code } = require('esbuild').transformSync(text, { ...OPTIONS, sourcefile: file })
    keep(kept, code)
    return code
  }
}

/**
 * Another process may read it at any moment, so it appears whole or not at all.
 *
 * @param {string} file
 * @param {string} code
 */
function keep(file, code) {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    const part = `${file}.${randomUUID()}`
    writeFileSync(part, code)
    renameSync(part, file)
  } catch {
    // A folder that cannot be written costs time, nothing else.
  }
}
