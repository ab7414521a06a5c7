// The languages Sigma is printed in and the pipelines known by name, apart from what does either: doors
// list them without loading a compiler.

export const BACKENDS = ['spl', 'kusto', 'esql', 'lucene', 'eql'] as const
export type Backend = (typeof BACKENDS)[number]

export const BUILTIN_NAMES = [
  'sysmon',
  'windows-logsources',
  'windows-audit',
  'splunk_windows',
  'splunk_sysmon_acceleration',
  'ecs_windows',
  'splunk_cim',
  'ecs_zeek_beats',
  'ecs_zeek_corelight',
  'ecs_macos_esf',
  'ecs_kubernetes',
  'microsoft_xdr',
  'sentinel_asim',
  'azure_monitor',
  'rw_splunk',
  'rw_sentinel',
  'rw_defender',
  'rw_elastic',
  'rw_opensearch',
] as const
export type BuiltinName = (typeof BUILTIN_NAMES)[number]
