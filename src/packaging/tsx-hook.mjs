// Node strips types from .ts by itself but refuses .tsx: JSX is no type syntax. This adds .tsx through
// esbuild, in the same thread; workers inherit --import and with it this hook.

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('.tsx')) return next(url, context)
    const file = fileURLToPath(url)
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      loader: 'tsx',
      format: 'esm',
      target: 'node24',
      jsx: 'automatic',
      jsxImportSource: 'hono/jsx',
      sourcemap: 'inline',
      sourcefile: file,
    })
    return { format: 'module', shortCircuit: true, source: code }
  },
})
