// `npm run build`: source → bundle → one executable, with its bill of materials, licences and digest.
// Needs no network and no tools of the machine; two checkouts give the same bytes.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { bundle, describeToPacker } from './src/packaging/bundle.ts'
import { takeInventory } from './src/packaging/inventory.ts'

import { writeLicences } from './src/packaging/licences.ts'
import { pack } from './src/packaging/pack.ts'
import { packed } from './src/packaging/packed.ts'
import { writeSbom } from './src/packaging/sbom.ts'

const SIZE_MAX_BYTES = 125_000_000

const root = import.meta.dirname
const workFolder = path.join(root, 'build')
const executable = path.join(root, 'dist/rulewright')

const { name, version, license } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
) as { readonly name: string; readonly version: string; readonly license: string }

const made = await step('bundle', () => bundle(root, path.join(workFolder, 'bundle')))
const parts = takeInventory(root, made.packages)
const licences = writeLicences(root, name, parts)
put(path.dirname(executable), 'licences.txt', licences)
writeFileSync(path.join(made.folder, 'licences.txt.z'), packed(Buffer.from(licences)))
describeToPacker(made.folder, name, version)

const sizeBytes = await step('executable', () =>
  pack({ root, bundleFolder: made.folder, workFolder, executable }),
)
const sha256 = createHash('sha256').update(readFileSync(executable)).digest('hex')
const dist = path.dirname(executable)
put(dist, 'rulewright.sha256', `${sha256}  ${path.basename(executable)}\n`)
put(dist, 'rulewright.cdx.json', writeSbom({ name, version, licence: license, sha256 }, parts))

const megabytes = (sizeBytes / 1e6).toFixed(1)
console.log(
  `${path.relative(root, executable)}  ${megabytes} MB, ${parts.length} parts, sha256 ${sha256}`,
)
if (sizeBytes > SIZE_MAX_BYTES) {
  console.error(`The executable is larger than ${SIZE_MAX_BYTES / 1e6} MB.`)
  process.exitCode = 1
}

function put(folder: string, file: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, file), text)
}

async function step<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const result = await work()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${what.padEnd(10)} ${seconds.padStart(5)} s`)
  return result
}
