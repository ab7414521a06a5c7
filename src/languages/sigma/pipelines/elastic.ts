// The community's pipelines for the Elastic Common Schema beside Windows: Zeek, macOS, Kubernetes.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { ECS_MACOS_CATEGORIES, ECS_MACOS_FIELDS } from './macos-facts.ts'
import { ECS_ZEEK_FIELDS, ZEEK_CATEGORY_LOGS } from './zeek-facts.ts'

export const ELASTIC_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  ecs_zeek_beats: () => ({ priority: 20, transformations: zeek() }),
  ecs_zeek_corelight: () => ({ priority: 20, transformations: zeek() }),
  ecs_macos_esf: () => ({ priority: 30, transformations: macos() }),
  ecs_kubernetes: () => ({ priority: 30, transformations: kubernetes() }),
}

function zeek(): readonly StepData[] {
  return [
    ...Object.entries(ZEEK_CATEGORY_LOGS).map(([category, service]) => ({
      type: 'change_logsource',
      product: 'zeek',
      service,
      rule_conditions: [{ type: 'logsource', category }],
    })),
    {
      type: 'add_condition',
      conditions: { 'event.dataset': 'zeek.$service' },
      template: true,
      rule_conditions: [{ type: 'logsource', product: 'zeek' }],
    },
    {
      type: 'field_name_mapping',
      mapping: ECS_ZEEK_FIELDS,
      rule_conditions: [{ type: 'logsource', product: 'zeek' }],
    },
  ]
}

function macos(): readonly StepData[] {
  const source = { type: 'logsource', product: 'macos', service: 'endpointsecurity' } as const
  return [
    { type: 'field_name_mapping', mapping: ECS_MACOS_FIELDS, rule_conditions: [source] },
    ...Object.entries(ECS_MACOS_CATEGORIES).map(([category, conditions]) => ({
      type: 'add_condition',
      conditions,
      rule_conditions: [{ ...source, category }],
    })),
  ]
}

const KUBERNETES_FIELDS = {
  verb: 'verb',
  apiGroup: 'objectRef.apiGroup',
  resource: 'objectRef.resource',
  subresource: 'objectRef.subresource',
  namespace: 'objectRef.namespace',
  username: 'user.username',
  capabilities: 'requestObject.spec.containers.securityContext.capabilities.add',
  privileged: 'responseObject.spec.containers.securityContext.privileged',
  hostPath: 'requestObject.spec.volumes.hostPath',
} as const

function kubernetes(): readonly StepData[] {
  const audit = 'kubernetes.audit.'
  const mapping = Object.fromEntries(
    Object.entries(KUBERNETES_FIELDS).map(([field, name]) => [field, audit + name]),
  )
  return [
    {
      type: 'add_condition',
      conditions: { 'kubernetes.audit.kind': 'Event' },
      rule_conditions: [{ type: 'logsource', product: 'kubernetes', service: 'audit' }],
    },
    { type: 'field_name_mapping', mapping },
    // The core group and "no subresource" are written as empty text, and not logged at all.
    ...(['apiGroup', 'subresource'] as const).map((field) => ({
      type: 'drop_detection_item',
      detection_item_conditions: [{ type: 'match_string', pattern: '^$', cond: 'any' }],
      field_name_conditions: [{ type: 'include_fields', fields: [field, mapping[field]] }],
    })),
  ]
}
