// The community's pipelines that are about Windows, made from facts: which channel, which event number,
// which field.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { ECS_WINDOWS_BY_SOURCE, ECS_WINDOWS_FIELDS } from './ecs-facts.ts'
import { POWERSHELL_EVENTS, SYSMON_EVENTS, WINDOWS_CHANNELS } from './windows-facts.ts'

const WINDOWS = { type: 'logsource', product: 'windows' } as const

function channels(field: string, prefix = ''): readonly StepData[] {
  return Object.entries(WINDOWS_CHANNELS).map(([service, names]) => ({
    id: `windows_logsource_${service}`,
    type: 'add_condition',
    conditions: { [field]: [names].flat().map((name) => prefix + name) },
    rule_conditions: [{ ...WINDOWS, service }],
  }))
}

/** The category's event number, then the service that logs it, so that later steps find it there. */
function category(
  name: string,
  conditions: Readonly<Record<string, unknown>>,
  service: string,
  isKept: boolean,
): readonly StepData[] {
  const rule_conditions = [{ ...WINDOWS, category: name }]
  const kept = isKept ? { category: name } : {}
  return [
    { type: 'add_condition', conditions, rule_conditions },
    { type: 'change_logsource', product: 'windows', ...kept, service, rule_conditions },
  ]
}

const REGISTRY_CHANGES = {
  registry_event: ['New registry value created', 'Existing registry value modified'],
  registry_set: 'Existing registry value modified',
  registry_add: 'New registry value created',
} as const

export const WINDOWS_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  sysmon: () => ({
    priority: 10,
    transformations: Object.entries(SYSMON_EVENTS).flatMap(([name, EventID]) =>
      category(name, { EventID }, 'sysmon', true),
    ),
  }),
  'windows-logsources': () => ({
    priority: 10,
    transformations: [
      ...Object.entries(POWERSHELL_EVENTS).flatMap(([name, { event, service }]) =>
        category(name, { EventID: event }, service, true),
      ),
      ...channels('Channel'),
    ],
  }),
  'windows-audit': () => ({
    priority: 10,
    transformations: [
      ...category('process_creation', { EventID: 4688 }, 'security', false),
      ...Object.entries(REGISTRY_CHANGES).flatMap(([name, OperationType]) =>
        category(name, { EventID: 4657, OperationType }, 'security', false),
      ),
      {
        type: 'field_name_mapping',
        mapping: {
          Image: 'NewProcessName',
          ParentImage: 'ParentProcessName',
          Details: 'NewValue',
          LogonId: 'SubjectLogonId',
        },
        rule_conditions: [{ ...WINDOWS, service: 'security' }],
      },
    ],
  }),
  splunk_windows: () => ({
    priority: 20,
    transformations: [
      ...channels('source', 'WinEventLog:'),
      { type: 'field_name_mapping', mapping: { EventID: 'EventCode' } },
    ],
  }),
  splunk_sysmon_acceleration: () => ({
    priority: 25,
    transformations: [
      ['process_creation', 'ParentProcessGuid'] as const,
      ['file_event', 'TargetFilename'] as const,
    ].map(([name, keyword]) => ({
      type: 'add_condition',
      conditions: { '': keyword },
      rule_conditions: [{ ...WINDOWS, category: name, service: 'sysmon' }],
    })),
  }),
  ecs_windows: () => ({ priority: 20, transformations: ecsWindows() }),
}

function ecsWindows(): readonly StepData[] {
  const direction = 'network.direction'
  return [
    ...channels('winlog.channel'),
    ...ECS_WINDOWS_BY_SOURCE.map(([source, field, name]) => ({
      type: 'field_name_mapping',
      mapping: { [field]: name },
      rule_conditions: [{ ...WINDOWS, ...source }],
    })),
    {
      id: 'ecs_windows_field_mapping',
      type: 'field_name_mapping',
      mapping: ECS_WINDOWS_FIELDS,
      rule_conditions: [WINDOWS],
    },
    {
      type: 'field_name_prefix',
      prefix: 'winlog.event_data.',
      rule_conditions: [WINDOWS],
      field_name_conditions: [
        { type: 'processing_item_applied', processing_item_id: 'ecs_windows_field_mapping' },
        { type: 'include_fields', fields: ['\\w+\\.'], mode: 're' },
      ],
      field_name_cond_op: 'or',
      field_name_cond_not: true,
    },
    ...(
      [
        [true, 'egress'],
        [false, 'ingress'],
      ] as const
    ).map(([isInitiated, value]) => ({
      type: 'set_value',
      value,
      field_name_conditions: [{ type: 'include_fields', fields: [direction] }],
      detection_item_conditions: [{ type: 'match_value', value: isInitiated, cond: 'all' }],
    })),
    {
      type: 'convert_type',
      target_type: 'str',
      rule_conditions: [WINDOWS],
      detection_item_conditions: [{ type: 'is_null', cond: 'any' }],
      detection_item_cond_not: true,
      field_name_conditions: [
        {
          type: 'include_fields',
          fields: [
            'destination.port',
            'source.port',
            'process.parent.pid',
            'process.pid',
            'destination.ip',
            'source.ip',
          ],
        },
      ],
      field_name_cond_not: true,
    },
  ]
}
