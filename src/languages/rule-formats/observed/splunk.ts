// A saved search as Splunk's REST door shows it: names of fields are REST's, values are texts.

import { ruleFileOf, textOf, withDetail } from '#languages/rule-formats/foreign.ts'
import { levelOfSearch, partsOfSearch } from '#languages/rule-formats/saved-searches.ts'
import type { Detail, Manager, ObservedFacts, ObservedObject } from './object.ts'
import type { Json } from '#kernel/json.ts'
import { fieldsOf } from './fields.ts'
import { SPLUNK_USUAL } from './splunk-usual.ts'

export function splunkFacts({ raw, body }: ObservedObject): ObservedFacts {
  const settings = textsIn(body)
  const text = settings.get('search') ?? ''
  return {
    type: typeOf(settings),
    level: levelOfSearch(settings) ?? null,
    uuid: null,
    managers: managersOf(fieldsOf(fieldsOf(raw)['acl']), settings),
    actions: (settings.get('actions') ?? '').split(',').filter(Boolean),
    query: text === '' ? null : { language: 'spl', text },
    names: [],
    observeOnly: text === '' ? 'It has no search of its own.' : null,
  }
}

export function splunkText({ name, body }: ObservedObject, detail: Detail): string | undefined {
  const settings = textsIn(body)
  if (textOf(settings.get('search')) === undefined) return undefined
  const own = new Map([...settings].filter(([key, value]) => !isUsualInSplunk(key, value)))
  return ruleFileOf(withDetail(partsOfSearch(name, own), detail))
}

/** What no rule file repeats: it stands there whether somebody writes it or not. */
export function isUsualInSplunk(key: string, value: Json): boolean {
  return value === '' || SPLUNK_USUAL[key] === value
}

function textsIn(body: ObservedObject['body']): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(body).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as const] : [],
    ),
  )
}

function typeOf(settings: ReadonlyMap<string, string>): string {
  return settings.get('action.correlationsearch.enabled') === '1' ? 'correlation' : 'query'
}

function managersOf(
  { app, removable }: Readonly<Record<string, unknown>>,
  settings: ReadonlyMap<string, string>,
): readonly Manager[] {
  const tool = settings.get('alert.managedBy') ?? ''
  return [
    // What cannot be removed was shipped with its application: an update of that writes it anew.
    ...(removable === false
      ? [{ kind: 'app' as const, name: textOf(app) ?? 'an application' }]
      : []),
    ...(tool === '' ? [] : [{ kind: 'tool' as const, name: tool }]),
  ]
}
