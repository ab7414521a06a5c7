// Kibana's detection rules as it imports them: a JSON object a line.

import { MINUTE } from '#kernel/time.ts'
import { writeKibana } from '#languages/rule-formats/write/kibana.ts'
import type { Backend } from '#languages/sigma/names.ts'
import type { Output, Schedule } from './output.ts'
import { bodiesOf, type VendorFile } from './written.ts'

export type KibanaLanguage = Extract<Backend, 'lucene' | 'eql' | 'esql'>

export function kibanaRules(outputs: readonly Output[], language: KibanaLanguage): VendorFile {
  const { written, problems } = bodiesOf(outputs, { language, write: writeKibana, fit })
  const lines = written.map(({ output, body }) => JSON.stringify({ rule_id: output.uuid, ...body }))
  return { text: lines.join('\n'), problems }
}

function fit({ everyMs, windowMs }: Schedule): Schedule {
  const every = Math.max(1, Math.round(everyMs / MINUTE)) * MINUTE
  return { everyMs: every, windowMs: Math.max(every, Math.ceil(windowMs / MINUTE) * MINUTE) }
}
