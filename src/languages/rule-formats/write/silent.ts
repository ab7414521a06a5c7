// The same rule without noise: it runs and finds, and nobody is woken. For the days in which it is
// measured before it may alert. Pure.

import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { fieldsOf } from '#languages/rule-formats/observed/fields.ts'
import type { Body } from './rule.ts'

/** Undefined for a vendor whose rules always alert. */
export function silenced(kind: SiemKind, body: Body): Body | undefined {
  switch (kind) {
    case 'local':
      return { ...body, silent: true }
    case 'splunk':
      return { ...body, actions: '', 'alert.track': '0' }
    case 'sentinel': {
      const properties = fieldsOf(body['properties']) as Body
      const incidents = fieldsOf(properties['incidentConfiguration']) as Body
      const incidentConfiguration: Json = { ...incidents, createIncident: false }
      return { ...body, properties: { ...properties, incidentConfiguration } }
    }
    case 'elastic':
      return { ...body, actions: [] }
    case 'opensearch': {
      const detector = fieldsOf(body['detector']) as Body
      return { ...body, detector: { ...detector, triggers: [] } }
    }
    case 'defender':
      return undefined
  }
}

/** With what a vendor makes noise by where nobody says otherwise, so that a silence before it ends. */
export function voiced(kind: SiemKind, body: Body): Body {
  if (kind === 'local') return { ...body, silent: false }
  const properties = fieldsOf(body['properties']) as Body
  if (kind !== 'sentinel' || properties['incidentConfiguration'] !== undefined) return body
  const incidentConfiguration: Json = { createIncident: true }
  return { ...body, properties: { ...properties, incidentConfiguration } }
}
