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

const effect = {
  ruleId: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5c',
  title: 'Whoami as system',
  effect: 'changed',
  before: 'Image="*\\\\whoami.exe"',
  after: 'process_path="*\\\\whoami.exe"',
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
  MappingDraft: {
    targetId: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    version: 3,
    basedOn: 2,
    pipelines: ['rw_splunk'],
    document,
    yaml,
    changedAt: AT,
    changedBy: version.createdBy,
  },
  NewMappingDraft: { document },
  MappingDraftToApply: { draft: 3, reason: version.reason },
  MappingEffect: effect,
  MappingPreview: {
    job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a77',
    isOfDraft: true,
    rules: 412,
    counts: { changed: 1, gained: 0, lost: 0 },
    startedAt: AT,
    endedAt: AT,
    items: [effect],
    next: null,
  },
  MappingSuggestions: {
    madeAt: AT,
    rules: 412,
    hasSchema: true,
    sourceCount: 31,
    fieldCount: 207,
    sources: [
      {
        logsource: { product: 'modsecurity' },
        rules: 3,
        state: 'refused',
        why: 'No pipeline has a place for it.',
        candidates: [
          {
            name: 'index=web sourcetype=modsecurity',
            confidence: 'medium',
            reason: 'its name says modsecurity',
          },
        ],
      },
    ],
    fields: [
      {
        logsource: { product: 'windows', category: 'process_creation' },
        field: 'Image',
        rules: 120,
        called: ['Image'],
        candidates: [
          { name: 'process_path', confidence: 'high', reason: 'splunk_cim calls it so' },
        ],
      },
    ],
  },
}
