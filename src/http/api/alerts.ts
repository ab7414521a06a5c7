// `/alerts`: what deployed rules made, and what somebody made of it.

import { z } from 'zod'
import type { AlertRef } from '#domain/health/alert.ts'
import { DISPOSITIONS } from '#domain/targets/port.ts'
import { DispositionInput } from '#domain/health/input.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  instantOrNull,
  InstantText,
  named,
  queryNumber,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start. */
const actions = () => import('#domain/health/alerts.ts')

const AlertShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.alert),
    rule: RuleIdText,
    target: idOf(ID_PREFIXES.target),
    targetName: z.string(),
    remoteId: z.string(),
    at: InstantText,
    version: z.int().nullable(),
    disposition: z.enum(DISPOSITIONS).nullable(),
    disposedAt: InstantText.nullable(),
    disposedBy: z.string().nullable(),
    note: z.string(),
  })
  .register(named, { id: 'Alert' })
const AlertsShape = z
  .strictObject({
    items: z.array(AlertShape),
    precision: z.number().nullable(),
    decided: z.int(),
  })
  .register(named, { id: 'AlertsOfRule' })

const list = operation({
  method: 'GET',
  path: '/alerts',
  name: 'listAlerts',
  summary: 'The newest alerts of a rule',
  about:
    'References to what stands at the targets; what is in an alert stays there. `precision` is the share of true positives among the `decided` ones, null while fewer than five were decided.',
  permission: 'health.read',
  query: z.strictObject({ rule: RuleIdText, limit: queryNumber(1, 500).optional() }),
  answer: AlertsShape,
  async run({ house, caller, query: { rule: ruleId, limit = 50 } }) {
    const found = await (await actions()).listAlerts(house, caller, { ruleId, limit })
    const { share: precision, decided } = found.precision
    return { items: found.items.map(shapeOf), precision, decided }
  },
})

const dispose = operation({
  method: 'POST',
  path: '/alerts/{id}/disposition',
  name: 'setDisposition',
  summary: 'Say what an alert was',
  about: 'It counts before what the target says of it, and may be said again.',
  permission: 'disposition.write',
  reach: 'named',
  params: z.strictObject({ id: idOf(ID_PREFIXES.alert) }),
  body: DispositionInput.register(accepted, { id: 'NewDisposition' }),
  answer: AlertShape,
  async run({ house, caller, params, body }) {
    return shapeOf(await (await actions()).setDisposition(house, caller, params.id, body))
  },
})

function shapeOf({ ruleId, targetId, at, disposedAt, ...alert }: AlertRef) {
  return {
    ...alert,
    rule: ruleId,
    target: targetId,
    at: formatInstant(at),
    disposedAt: instantOrNull(disposedAt),
  }
}

export const ALERT_OPERATIONS = [list, dispose]
