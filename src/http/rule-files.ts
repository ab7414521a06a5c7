// Rules as a file to download, made while it is sent: a ZIP with a folder for each group, or one line of
// JSON a rule.

import type { ExportedRule } from '#domain/rules/export.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { writeZip } from '#platform/zip/write.ts'
import { ndjson, type Download } from './download.ts'

export function ruleFiles(
  rules: AsyncIterable<ExportedRule>,
  format: 'zip' | 'ndjson',
  now: Instant,
): Download {
  const name = `rules-${formatInstant(now).slice(0, 10)}.${format}`
  return format === 'zip'
    ? { name, type: 'application/zip', chunks: writeZip(files(rules)) }
    : { name, type: 'application/x-ndjson', chunks: ndjson(lines(rules)) }
}

async function* files(rules: AsyncIterable<ExportedRule>) {
  for await (const { path, text, rule } of rules) {
    yield { name: path, bytes: text, modifiedAt: rule.updatedAt }
  }
}

async function* lines(rules: AsyncIterable<ExportedRule>) {
  for await (const { path, text, rule } of rules) {
    const { id, sigmaId, state, origin, version, contentHash } = rule
    yield { id, path, sigmaId, state, origin, version, contentHash, text }
  }
}
