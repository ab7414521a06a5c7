// The community's pipeline for Splunk's accelerated data models (CIM): processes, registry, files, web
// and name resolution. A field that a model does not hold is refused, as is every other log source.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'

interface Model {
  readonly name: string
  readonly sources: readonly Readonly<Record<string, string>>[]
  /** Without the name of the set, which stands before each. */
  readonly fields: Readonly<Record<string, string>>
}

const WINDOWS = { product: 'windows' } as const
const PROCESS = { category: 'process_creation' } as const

const MODELS: readonly Model[] = [
  {
    name: 'Endpoint.Processes',
    sources: [
      { ...WINDOWS, ...PROCESS },
      { product: 'linux', ...PROCESS },
    ],
    fields: {
      CommandLine: 'process',
      Computer: 'dest',
      CurrentDirectory: 'process_current_directory',
      Image: 'process_path',
      IntegrityLevel: 'process_integrity_level',
      OriginalFileName: 'original_file_name',
      ParentCommandLine: 'parent_process',
      ParentImage: 'parent_process_path',
      ParentProcessGuid: 'parent_process_guid',
      ParentProcessId: 'parent_process_id',
      ProcessGuid: 'process_guid',
      ProcessId: 'process_id',
      User: 'user',
    },
  },
  {
    name: 'Endpoint.Registry',
    sources: ['registry_add', 'registry_delete', 'registry_event', 'registry_set'].map(
      (category) => ({ ...WINDOWS, category }),
    ),
    fields: {
      Computer: 'dest',
      Details: 'registry_value_data',
      EventType: 'action',
      Image: 'process_path',
      ProcessGuid: 'process_guid',
      ProcessId: 'process_id',
      TargetObject: 'registry_key_name',
    },
  },
  {
    name: 'Endpoint.Filesystem',
    sources: [{ ...WINDOWS, category: 'file_event' }],
    fields: {
      Computer: 'dest',
      CreationUtcTime: 'file_create_time',
      Image: 'process_path',
      ProcessGuid: 'process_guid',
      ProcessId: 'process_id',
      TargetFilename: 'file_path',
    },
  },
  {
    name: 'Web.Proxy',
    sources: [{ category: 'proxy' }],
    fields: {
      'c-uri': 'url',
      'c-uri-query': 'uri_query',
      'c-uri-stem': 'uri_path',
      'c-useragent': 'http_user_agent',
      'cs-method': 'http_method',
      'cs-host': 'dest',
      'cs-referrer': 'http_referrer',
      src_ip: 'src',
      dst_ip: 'dest_ip',
    },
  },
  {
    name: 'Network_Resolution.DNS',
    sources: [{ category: 'network', service: 'dns' }],
    fields: {
      'destination.ip': 'dest',
      'destination.port': 'dest_port',
      'dns.answers.name': 'answer',
      'dns.answers.ttl': 'ttl',
      'dns.answers.type': 'record_type',
      'dns.id': 'transaction_id',
      'dns.question.name': 'query',
      'dns.question.type': 'query_type',
      'dns.response.code': 'reply_code_id',
      'source.ip': 'src',
      'source.port': 'src_port',
    },
  },
]

export const SPLUNK_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  splunk_cim: () => ({
    priority: 20,
    transformations: [
      ...MODELS.flatMap(stepsOf),
      {
        type: 'rule_failure',
        message: 'No data model of Splunk holds this log source',
        rule_conditions: [{ type: 'processing_state', key: 'data_model_set' }],
      },
    ],
  }),
}

/** The columns of web models are those of `Web`, whichever of its sets is searched. */
function stepsOf({ name, sources, fields }: Model): readonly StepData[] {
  const [model, set] = name.split('.') as [string, string]
  const owner = model === 'Web' ? model : set
  const mapping = Object.fromEntries(
    Object.entries(fields).map(([field, column]) => [field, `${owner}.${column}`]),
  )
  const rule_conditions = sources.map((source) => ({ type: 'logsource', ...source }))
  const where = { rule_conditions, rule_cond_op: 'or' } as const
  return [
    {
      ...where,
      type: 'detection_item_failure',
      message: `The data model ${name} has no field for this`,
      field_name_conditions: [{ type: 'exclude_fields', fields: Object.keys(fields) }],
    },
    { ...where, type: 'field_name_mapping', mapping },
    { ...where, type: 'set_state', key: 'fields', val: Object.values(mapping) },
    { ...where, type: 'set_state', key: 'data_model_set', val: name },
  ]
}
