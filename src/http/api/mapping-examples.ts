// Examples of mappings for the document.

const AT = '2026-11-21T10:00:00.000Z'
const document = {
  priority: 5,
  transformations: [
    {
      type: 'nest',
      items: [{ type: 'add_condition', conditions: { index: 'wineventlog_ldn' } }],
      rule_conditions: [{ type: 'logsource', product: 'windows', service: 'security' }],
    },
  ],
}
const yaml = `priority: 5
transformations:
  - type: nest
    items:
      - type: add_condition
        conditions:
          index: wineventlog_ldn
    rule_conditions:
      - type: logsource
        product: windows
        service: security
`
const version = {
  version: 2,
  contentHash: '5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592',
  reason: 'London keeps Windows events in an index of its own',
  restoredFrom: null,
  createdAt: AT,
  createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
}

export const MAPPING_EXAMPLES = {
  Mapping: {
    targetId: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    version: 2,
    pipelines: ['rw_splunk'],
    document,
    yaml,
  },
  NewMapping: { document, reason: version.reason },
  MappingVersion: version,
  MappingVersionPage: { items: [version], next: null },
  MappingRestore: { version: 1 },
}
