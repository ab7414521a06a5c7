// What a company's detections are about, in families: one kind of log, one technique, and what differs
// from one detection to the next. Every text is our own; none is meant to be good detection.
// The families themselves are the tables beside this file.

export type Level = 'low' | 'medium' | 'high' | 'critical'

/** How a value is looked for: at the end of the field, anywhere in it, or as all of it. */
export type Way = 'ends' | 'has' | 'is'

export interface Log {
  readonly logsource: Readonly<Partial<Record<'product' | 'category' | 'service', string>>>
  /** What the values of a variation are looked for in, one after the other. */
  readonly fields: readonly (readonly [field: string, way: Way])[]
  /** Who or what an alert is about. */
  readonly by: readonly string[]
}

const WINDOWS = { product: 'windows' } as const

export const LOGS = {
  process: {
    logsource: { ...WINDOWS, category: 'process_creation' },
    fields: [
      ['Image', 'ends'],
      ['CommandLine', 'has'],
    ],
    by: ['Computer', 'User'],
  },
  registry: {
    logsource: { ...WINDOWS, category: 'registry_set' },
    fields: [['TargetObject', 'has']],
    by: ['Computer', 'Image'],
  },
  file: {
    logsource: { ...WINDOWS, category: 'file_event' },
    fields: [['TargetFilename', 'has']],
    by: ['Computer', 'Image'],
  },
  security: {
    logsource: { ...WINDOWS, service: 'security' },
    fields: [['EventID', 'is']],
    by: ['Computer', 'TargetUserName'],
  },
  linux: {
    logsource: { product: 'linux', category: 'process_creation' },
    fields: [
      ['Image', 'ends'],
      ['CommandLine', 'has'],
    ],
    by: ['Computer', 'User'],
  },
  aws: {
    logsource: { product: 'aws', service: 'cloudtrail' },
    fields: [
      ['eventSource', 'is'],
      ['eventName', 'is'],
    ],
    by: ['userIdentity.arn', 'sourceIPAddress'],
  },
  entra: {
    logsource: { product: 'azure', service: 'auditlogs' },
    fields: [['operationName', 'is']],
    by: ['operationName'],
  },
  signIn: {
    logsource: { product: 'azure', service: 'signinlogs' },
    fields: [['ResultType', 'is']],
    by: ['Username'],
  },
  okta: {
    logsource: { product: 'okta', service: 'okta' },
    fields: [['eventType', 'is']],
    by: ['actor.alternateId'],
  },
  web: {
    logsource: { category: 'webserver' },
    fields: [['cs-uri-stem', 'has']],
    by: ['c-ip'],
  },
  proxy: {
    logsource: { category: 'proxy' },
    fields: [['c-uri', 'has']],
    by: ['cs-username'],
  },
  dns: {
    logsource: { category: 'dns' },
    fields: [['query', 'ends']],
    by: ['src_ip'],
  },
} as const satisfies Readonly<Record<string, Log>>
export type LogName = keyof typeof LOGS

export interface Family {
  readonly log: LogName
  /** Of ATT&CK: tactic by its short name, technique by its number. */
  readonly tactic: string
  readonly technique: string
  readonly level: Level
  /** What each of it is called begins so. */
  readonly of: string
  /** How its name goes on, and a value for each field of the log. */
  readonly variations: readonly (readonly [name: string, ...values: string[]])[]
}
