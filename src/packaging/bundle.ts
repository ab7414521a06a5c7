// Source to bundle: one CommonJS file for the program and one per worker (packed), with every package
// inside, beside the files they read. Nothing of the machine or the moment goes in, so that two
// checkouts give the same bytes.

import { build, type Metafile, type Plugin } from 'esbuild'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { nativePlugin } from './native-plugin.ts'
import { keepProgramCode } from './program-code.ts'
import { buildStatic, STATIC_PACKAGES } from './static.ts'

export interface Bundle {
  readonly folder: string
  /** The npm packages whose code is inside, as folders below node_modules, sorted. */
  readonly packages: readonly string[]
}

export async function bundle(root: string, folder: string): Promise<Bundle> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entryPoints(root),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    // A linked node_modules must not show where it really lies.
    preserveSymlinks: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Syntax is folded so that code for development alone falls out, and white space costs time at
    // every start; names stay, for stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 200,
    legalComments: 'none',
    charset: 'ascii',
    metafile: true,
    logLevel: 'warning',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    define: {
      RULEWRIGHT_DEV: 'false',
      'process.env.NODE_ENV': '"production"',
      'import.meta.url': '__fileUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    banner: {
      js: [
        "'use strict'",
        readFileSync(path.join(root, 'src/packaging/prelude.cjs'), 'utf8'),
        "const __fileUrl = require('node:url').pathToFileURL(__filename).href",
      ].join('\n'),
    },
    // pg looks for a native client of its own and does without it.
    external: ['pg-native'],
    plugins: [nativePlugin(root, folder), englishOnly, noValidator],
  })
  for (const file of globSync('*.cjs', { cwd: folder })) escapeRest(path.join(folder, file))
  compressWorkers(root, folder)
  keepProgramCode(root, folder)
  // Beside the folder, not in it: what the bundler read, for people and for the tests.
  writeFileSync(`${folder}.json`, JSON.stringify(metafile))
  await buildStatic(path.join(folder, 'static'))
  mkdirSync(path.join(folder, 'docs'))
  for (const file of globSync('docs/*.md', { cwd: root })) {
    cpSync(path.join(root, file), path.join(folder, file))
  }
  cpSync(path.join(root, STARTER_RULES), path.join(folder, STARTER_RULES), { recursive: true })
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'))
  return { folder, packages: [...packagesIn(metafile), ...STATIC_PACKAGES].toSorted() }
}

// The bundler takes all of zod's languages along, 300 kB in the program and in most workers; which one
// is spoken, zod imports by itself.
const englishOnly: Plugin = {
  name: 'english-only',
  setup(bundler) {
    const filter = /\/node_modules\/zod\/v4\/locales\/index\.js$/
    bundler.onLoad({ filter }, () => ({ contents: "export { default as en } from './en.js'" }))
  },
}

// The package of the MCP door brings a validator of JSON Schema along, 210 kB, for forms that a server
// may ask its client to fill in. This one asks for none: zod reads what comes in.
const noValidator: Plugin = {
  name: 'no-validator',
  setup(bundler) {
    const filter = /\/node_modules\/@modelcontextprotocol\/server\/dist\/ajvProvider-[^/]*\.mjs$/
    bundler.onLoad({ filter }, () => ({ contents: 'export class n {}' }))
  },
}

// V8 keeps a source with a single letter beyond Latin-1 at two bytes a letter, several megabytes more
// for the life of the process. The bundler escapes strings and leaves patterns as they are.
function escapeRest(file: string): void {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  // oxlint-disable-next-line no-control-regex -- all of ASCII is meant
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[^\x00-\x7f]/g, escape))
}

// Workers carry much of the same code, and text packs to a fifth; worker.cjs unpacks it in the thread.
function compressWorkers(root: string, folder: string): void {
  for (const name of globSync('worker-*.cjs', { cwd: folder })) {
    const file = path.join(folder, name)
    writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)))
    rmSync(file)
  }
  cpSync(path.join(root, 'src/packaging/worker.cjs'), path.join(folder, 'worker.cjs'))
}

const STARTER_RULES = 'src/starter/rules'
const FILES = [
  'program.*',
  'worker-*.br',
  'static/**/*',
  'docs/*',
  'native/*',
  'LICENSE',
  'licences.txt.z',
]

/** The packer reads this: what is the program, what are its workers, what are files. */
export function describeToPacker(folder: string, name: string, version: string): void {
  const pkg = {
    scripts: ['worker.cjs'],
    assets: [...FILES, `${STARTER_RULES}/**/*`],
  }
  const text = JSON.stringify({ name, version, bin: 'main.cjs', pkg }, null, 2)
  writeFileSync(path.join(folder, 'package.json'), `${text}\n`)
}

function entryPoints(root: string): Record<string, string> {
  const workers = globSync('src/workers/*.ts', { cwd: root }).toSorted()
  return Object.fromEntries([
    ['program', 'src/main.ts'],
    ...workers.map((file) => [`worker-${path.basename(file, '.ts')}`, file]),
  ])
}

function packagesIn(metafile: Metafile): string[] {
  const found = new Set<string>()
  for (const output of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
      if (folder !== undefined && bytesInOutput > 0) found.add(folder)
    }
  }
  return [...found].toSorted()
}
