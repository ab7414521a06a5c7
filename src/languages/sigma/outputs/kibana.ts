// Kibana's detection rules as it imports them: a JSON object a line.

import { MINUTE } from '#kernel/time.ts'
import { embeddedAttack } from '#languages/attack/attack.ts'
import { threatsOf, type Output, type Threat } from './output.ts'
import type { Backend } from '#languages/sigma/names.ts'

export type KibanaLanguage = Extract<Backend, 'lucene' | 'eql' | 'esql'>

/** Kibana's defaults for its four severities; what only informs is a low one that weighs nothing. */
const SEVERITIES: Readonly<Record<string, readonly [severity: string, risk: number]>> = {
  informational: ['low', 1],
  low: ['low', 21],
  medium: ['medium', 47],
  high: ['high', 73],
  critical: ['critical', 99],
}

export function kibanaRules(outputs: readonly Output[], language: KibanaLanguage): string {
  return outputs.map((output) => JSON.stringify(ruleOf(output, language))).join('\n')
}

function ruleOf({ rule, title, uuid, query, indexes, schedule }: Output, language: KibanaLanguage) {
  const [severity, risk_score] = SEVERITIES[rule.level ?? 'medium'] ?? ['medium', 47]
  // ES|QL names its index in the query; a rule of it must not name one beside.
  const index = language === 'esql' || indexes.length === 0 ? {} : { index: indexes }
  return {
    rule_id: uuid,
    type: language === 'lucene' ? 'query' : language,
    language,
    ...index,
    query,
    name: title,
    description: rule.description ?? title,
    severity,
    risk_score,
    enabled: true,
    interval: `${Math.max(1, Math.round(schedule.everyMs / MINUTE))}m`,
    from: `now-${Math.ceil(schedule.windowMs / MINUTE)}m`,
    to: 'now',
    author: rule.author === undefined ? [] : rule.author.split(',').map((name) => name.trim()),
    ...(rule.license === undefined ? {} : { license: rule.license }),
    references: rule.references,
    false_positives: rule.falsepositives,
    tags: rule.tags,
    threat: threatsOf(rule).map(threatOf),
    max_signals: 100,
    version: 1,
  }
}

function techniqueName(id: string): string {
  return embeddedAttack().techniques.get(id.toLowerCase())?.name ?? id
}

const REFERENCE = 'https://attack.mitre.org'

function threatOf({ tactic, techniques }: Threat) {
  const ids = [...new Set(techniques.map(({ id }) => id.split('.')[0]!))]
  const technique = ids.map((id) => {
    const own = techniques.find((one) => one.id === id)
    const below = techniques.filter((one) => one.id.startsWith(`${id}.`))
    const subtechnique = below.map((one) => ({
      id: one.id,
      name: one.name,
      reference: `${REFERENCE}/techniques/${one.id.replace('.', '/')}/`,
    }))
    return {
      id,
      name: own?.name ?? techniqueName(id),
      reference: `${REFERENCE}/techniques/${id}/`,
      ...(subtechnique.length === 0 ? {} : { subtechnique }),
    }
  })
  const { id, name } = tactic
  return {
    framework: 'MITRE ATT&CK',
    tactic: { id, name, reference: `${REFERENCE}/tactics/${id}/` },
    ...(technique.length === 0 ? {} : { technique }),
  }
}
