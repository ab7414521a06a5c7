// The vendor's client, typed as far as tests use it. It has no types of its own.

import { createRequire } from 'node:module'

export interface SdkEntity {
  readonly name: string
  readonly sid: string
  properties(): Record<string, unknown> & { dispatchState: string }
  acl(): Record<string, unknown>
  fetch(): Promise<SdkEntity>
  update(form: Record<string, unknown>): Promise<SdkEntity>
  remove(): Promise<unknown>
}

export interface SdkJob extends SdkEntity {
  results(form: Record<string, unknown>): Promise<[{ fields: string[]; rows: unknown[][] }, SdkJob]>
  cancel(): Promise<unknown>
  track(
    options: { period: number },
    told: { progress?: (job: SdkJob) => void; done?: (job: SdkJob) => void },
  ): Promise<unknown>
}

interface SdkCollection<Item = SdkEntity> {
  create(form: Record<string, unknown>): Promise<Item>
  fetch(): Promise<SdkCollection<Item>>
  item(name: string): Item | null
  list(): Item[]
}

interface SdkDataModel {
  objectByName(name: string): { readonly constraints: readonly { readonly query: string }[] }
}

export interface SdkService {
  readonly version: string
  login(): Promise<boolean>
  currentUser(): Promise<SdkEntity>
  search(query: string, form: Record<string, unknown>): Promise<SdkJob>
  oneshotSearch(query: string, form: Record<string, unknown>): Promise<{ rows: unknown[][] }>
  parse(query: string, form: Record<string, unknown>): Promise<unknown>
  savedSearches(namespace: Record<string, string>): SdkCollection
  dataModels(namespace: Record<string, string>): SdkCollection<SdkDataModel>
  firedAlertGroups(namespace: Record<string, string>): SdkCollection
}

interface Sdk {
  readonly Service: new (options: Record<string, unknown>) => SdkService
  readonly Logger: { setLevel(level: string): void }
}

export async function connectSdk(
  url: string,
  account: { username: string; password: string },
): Promise<SdkService> {
  const sdk = createRequire(import.meta.url)('splunk-sdk') as Sdk
  sdk.Logger.setLevel('NONE')
  const { protocol, hostname, port } = new URL(url)
  return new sdk.Service({ scheme: protocol.slice(0, -1), host: hostname, port, ...account })
}
