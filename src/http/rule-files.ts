// Rules, and the exclusions over them, as a file to download, made while it is sent: a ZIP with a folder
// for each group, or one line of JSON a rule.

import type { ExportedExclusion, ExportedRule } from '#domain/rules/files/export.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { writeZip } from '#platform/zip/write.ts'
import { ndjson, type Download } from './download.ts'

type Exported = ExportedRule | ExportedExclusion

export function ruleFiles(
  rules: AsyncIterable<Exported>,
  format: 'zip' | 'ndjson',
  now: Instant,
): Download {
  const name = `rules-${formatInstant(now).slice(0, 10)}.${format}`
  return format === 'zip'
    ? { name, type: 'application/zip', chunks: writeZip(files(rules)) }
    : { name, type: 'application/x-ndjson', chunks: ndjson(lines(rules)) }
}

async function* files(rules: AsyncIterable<Exported>) {
  for await (const one of rules) {
    const { updatedAt } = 'rule' in one ? one.rule : one.exclusion
    yield { name: one.path, bytes: one.text, modifiedAt: updatedAt }
  }
}

async function* lines(rules: AsyncIterable<Exported>) {
  for await (const { path, text, ...one } of rules) {
    const { id, sigmaId, state, version, contentHash } = 'rule' in one ? one.rule : one.exclusion
    const origin = 'rule' in one ? { origin: one.rule.origin } : {}
    yield { id, path, sigmaId, state, ...origin, version, contentHash, text }
  }
}
