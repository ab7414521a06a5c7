// `npm run bench [-- NAME…]`: every benchmark of this folder, or those named by their file, as one
// table. Run by hand: figures are for people, so nothing here fails.

import { globSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import type { Bench } from './bench.ts'

const folder = import.meta.dirname
const wanted = process.argv.slice(2)
const files = globSync('*.ts', { cwd: folder }).filter((file) => !/^(bench|run)\.ts$/.test(file))

console.log(
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${process.version}`,
)
for (const file of files.toSorted()) {
  if (wanted.length > 0 && !wanted.includes(path.basename(file, '.ts'))) continue
  const { bench } = (await import(path.join(folder, file))) as { readonly bench?: Bench }
  if (bench === undefined) continue
  console.log(`\n${bench.name}`)
  await bench.run(printRow)
}

function printRow(what: string, figure: string, target = ''): void {
  const line = `  ${what.padEnd(52)} ${figure.padStart(16)}`
  console.log(target === '' ? line : `${line}   (wanted: ${target})`)
}
