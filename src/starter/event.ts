// What sample events are made of: a place where they come from, a time, and fields as the sources
// write them. Names of hosts and people are made up; addresses are those reserved for examples.

import { formatInstant, instant, type Instant } from '#kernel/time.ts'

export interface LogSource {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

export interface SampleEvent {
  readonly logsource: LogSource
  /** RFC 3339. */
  readonly '@timestamp': string
  readonly [field: string]: unknown
}

export function sampleEvent(
  at: Instant | number,
  logsource: LogSource,
  fields: Readonly<Record<string, unknown>>,
): SampleEvent {
  return { logsource, '@timestamp': formatInstant(instant(at)), ...fields }
}

export const WINDOWS_PROCESS: LogSource = { category: 'process_creation', product: 'windows' }
export const WINDOWS_SECURITY: LogSource = { product: 'windows', service: 'security' }
export const LINUX_PROCESS: LogSource = { category: 'process_creation', product: 'linux' }
export const CLOUDTRAIL: LogSource = { product: 'aws', service: 'cloudtrail' }
export const ENTRA_SIGN_IN: LogSource = { product: 'azure', service: 'signinlogs' }
export const ENTRA_AUDIT: LogSource = { product: 'azure', service: 'auditlogs' }
export const OKTA: LogSource = { product: 'okta', service: 'okta' }
export const WEB_SERVER: LogSource = { category: 'webserver' }
export const DNS: LogSource = { category: 'dns' }
export const PROXY: LogSource = { category: 'proxy' }
export const FIREWALL: LogSource = { category: 'firewall' }
