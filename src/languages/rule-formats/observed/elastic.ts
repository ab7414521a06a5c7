// A detection rule as Kibana shows it. What the server keeps itself is no part of it.

import {
  recordsOf,
  ruleFileOf,
  textOf,
  uuidOf,
  withDetail,
} from '#languages/rule-formats/foreign.ts'
import { SERVER_OWNED } from '#languages/rule-formats/kibana-fields.ts'
import { partsOfKibana, typeOfKibana } from '#languages/rule-formats/kibana.ts'
import { fieldsOf } from './fields.ts'
import type { Detail, NamedThing, ObservedFacts, ObservedObject } from './object.ts'

const LANGUAGES = ['kuery', 'lucene', 'eql', 'esql'] as const

export function elasticFacts({ ref, raw }: ObservedObject): ObservedFacts {
  const fields = fieldsOf(raw)
  const text = textOf(fields['query'])
  const language = LANGUAGES.find((one) => one === (fields['language'] ?? 'kuery'))
  const isPrebuilt = fields['immutable'] === true
  const kinds = recordsOf(fields['actions']).flatMap((one) => textOf(one['action_type_id']) ?? [])
  return {
    type: typeOfKibana(fields),
    level: textOf(fields['severity']) ?? null,
    uuid: uuidOf(ref) ?? null,
    managers: isPrebuilt ? [{ kind: 'prebuilt', name: 'Elastic' }] : [],
    actions: [...new Set(kinds)],
    query: text === undefined || language === undefined ? null : { language, text },
    names: namesIn(fields),
    observeOnly: whyObserved(isPrebuilt, text),
  }
}

function whyObserved(isPrebuilt: boolean, query: string | undefined): string | null {
  if (isPrebuilt) return 'It is prebuilt by Elastic, whose updates write it.'
  return query === undefined ? 'It has no query that a rule here could hold.' : null
}

function namesIn(fields: Readonly<Record<string, unknown>>): readonly NamedThing[] {
  const lists = recordsOf(fields['exceptions_list']).flatMap((one) => textOf(one['list_id']) ?? [])
  const [view, search] = [textOf(fields['data_view_id']), textOf(fields['saved_id'])]
  const job = fields['machine_learning_job_id']
  const actions = recordsOf(fields['actions'])
  const connectors = actions.flatMap((one) => textOf(one['id']) ?? [])
  const jobs = Array.isArray(job) ? (job as unknown[]) : [job]
  return [
    ...lists.map((name) => ({ kind: 'exception_list' as const, name })),
    ...[...new Set(connectors)].map((name) => ({ kind: 'connector' as const, name })),
    ...(view === undefined ? [] : [{ kind: 'data_view' as const, name: view }]),
    ...(search === undefined ? [] : [{ kind: 'saved_search' as const, name: search }]),
    ...jobs.flatMap((one) => {
      const name = textOf(one)
      return name === undefined ? [] : [{ kind: 'ml_job' as const, name }]
    }),
  ]
}

export function elasticText({ ref, raw }: ObservedObject, detail: Detail): string | undefined {
  const fields = fieldsOf(raw)
  if (textOf(fields['name']) === undefined) return undefined
  const own = Object.entries(fields).filter(
    ([key, value]) => !SERVER_OWNED.has(key) && !isEmpty(value),
  )
  // The id by which both know it is the id of the rule file, too.
  const parts = partsOfKibana({ ...Object.fromEntries(own), rule_id: ref })
  const { rule_id: _, ...settings } = parts.settings
  return ruleFileOf(withDetail({ ...parts, settings }, detail))
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
