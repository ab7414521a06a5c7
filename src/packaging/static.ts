// Builds what a browser may load: style sheet, icon sprite, scripts. Each file's name carries the digest
// of its content, so an answer can be kept for ever and an upgrade is seen at once.
//
// htmx.js is htmx, hx-csp and our gate in ONE file: as two deferred files htmx can start before the
// second has arrived, and then acts on unstamped elements; the gate would fail open.

import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

export interface BuiltFile {
  /** As views name it: `app.css`. */
  readonly name: string
  /** As it is served: `app-1f3a….css`. */
  readonly file: string
  readonly bytes: Buffer
}

/** In a folder of built files: names to files. */
export const MANIFEST = 'manifest.json'

/** The packages whose text is in these files, as folders below node_modules. */
export const STATIC_PACKAGES: readonly string[] = [
  '@codemirror/autocomplete',
  '@codemirror/commands',
  '@codemirror/lang-yaml',
  '@codemirror/language',
  '@codemirror/lint',
  '@codemirror/search',
  '@codemirror/state',
  '@codemirror/view',
  '@lezer/common',
  '@lezer/highlight',
  '@lezer/lr',
  '@lezer/yaml',
  '@marijn/find-cluster-break',
  'crelt',
  'htmx.org',
  'lucide-static',
  'style-mod',
  'w3c-keyname',
].map((name) => `node_modules/${name}`)

const root = path.resolve(import.meta.dirname, '../..')

// Vendored by npm and pinned here as well: what runs under our policy changes only on purpose.
const VENDORED = [
  ['htmx.org/dist/htmx.min.js', 'a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130'],
  [
    'htmx.org/dist/ext/hx-csp.min.js',
    'a7e1e6711ae6c3e50ad300fba7936cbe8d07599cdae313414a179ddd6b26e143',
  ],
] as const

/** Writes dist/static (or any folder) with its manifest. The same input gives the same bytes. */
export async function buildStatic(outdir: string): Promise<void> {
  const files = await buildStaticFiles()
  mkdirSync(outdir, { recursive: true })
  for (const { file, bytes } of files) writeFileSync(path.join(outdir, file), bytes)
  const manifest = Object.fromEntries(files.map(({ name, file }) => [name, file]))
  writeFileSync(path.join(outdir, MANIFEST), JSON.stringify(manifest))
}

/** All files in memory: what a server started from source serves. */
export async function buildStaticFiles(): Promise<readonly BuiltFile[]> {
  const [gate, theme, site, editor, sheet, sprite] = await Promise.all([
    bundle('views/browser/gate.ts', 'iife'),
    bundle('views/browser/theme.ts', 'iife'),
    bundle('views/browser/site.ts', 'esm'),
    bundle('views/browser/editor.ts', 'esm'),
    minifySheet(),
    buildSprite(),
  ])
  return [
    named('app.css', sheet),
    named('editor.js', editor),
    named('favicon.svg', readFileSync(path.join(root, 'static/favicon.svg'))),
    named('htmx.js', [...VENDORED.map(readVendored), gate].join('\n;\n')),
    named('icons.svg', sprite),
    named('site.js', site),
    named('theme.js', theme),
  ]
}

function named(name: string, content: string | Buffer): BuiltFile {
  const bytes = Buffer.from(content)
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const { name: stem, ext } = path.parse(name)
  return { name, file: `${stem}-${digest}${ext}`, bytes }
}

async function bundle(entry: string, format: 'iife' | 'esm'): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    metafile: true,
    preserveSymlinks: true,
    format,
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  })
  // What is inside must be on the list, or its licence would not travel with it.
  for (const [file, { bytesInOutput }] of Object.entries(
    Object.values(metafile.outputs)[0]!.inputs,
  )) {
    if (bytesInOutput === 0) continue
    const isListed = STATIC_PACKAGES.some((folder) => file.startsWith(`${folder}/`))
    if (/(?:^|\/)node_modules\//.test(file) && !isListed) {
      throw new Error(`${file} is in ${entry} and its package not in STATIC_PACKAGES.`)
    }
  }
  return outputFiles[0]!.text
}

async function minifySheet(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['static/app.css'],
    target: 'esnext', // nesting and light-dark() stay as they are: every browser of 2024 knows them
    minify: true,
    write: false,
    logLevel: 'warning',
  })
  return outputFiles[0]!.text
}

function readVendored([name, digest]: (typeof VENDORED)[number]): string {
  const text = readFileSync(path.join(root, 'node_modules', name), 'utf8')
  const found = createHash('sha256').update(text).digest('hex')
  if (found !== digest) {
    throw new Error(
      `${name} is not the pinned file (found ${found}). Read its changes, run test/browser, then pin it in src/packaging/static.ts.`,
    )
  }
  return text.replace(/\n?\/\/# sourceMappingURL=.*$/m, '')
}

// The icons that views/parts/icons.ts names, cut from lucide-static, after the marks of our own.
async function buildSprite(): Promise<string> {
  const list = pathToFileURL(path.join(root, 'views/parts/icons.ts')).href
  const { ICONS } = (await import(list)) as { readonly ICONS: readonly string[] }
  const marks = readFileSync(path.join(root, 'static/marks.svg'), 'utf8')
  const symbols = ICONS.map(cutIcon).join('\n')
  return marks
    .replaceAll(/^ *<!--.*-->\n/gm, '')
    .replace('</svg>', `<!-- Lucide, ISC licence -->\n${symbols}\n</svg>`)
}

function cutIcon(name: string): string {
  const file = path.join(root, 'node_modules/lucide-static/icons', `${name}.svg`)
  const svg = readFileSync(file, 'utf8')
  const inside = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.indexOf('</svg>'))
  return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replaceAll(/\s*\n\s*/g, '')}</symbol>`
}
