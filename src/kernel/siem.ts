// The kinds of SIEM and the languages they are asked in, as people call them: the same words in a
// refusal, on a page and in a form.

export const KIND_NAMES = {
  local: 'Local',
  splunk: 'Splunk',
  sentinel: 'Sentinel',
  defender: 'Defender',
  elastic: 'Elastic',
  opensearch: 'OpenSearch',
} as const
export type SiemKind = keyof typeof KIND_NAMES

/** `sigma` is understood everywhere, by way of a query. */
export const LANGUAGE_NAMES = {
  sigma: 'Sigma',
  spl: 'SPL',
  kusto: 'Kusto',
  esql: 'ES|QL',
  eql: 'EQL',
  lucene: 'Lucene',
  kuery: 'KQL of Kibana',
} as const
export type TargetLanguage = keyof typeof LANGUAGE_NAMES
