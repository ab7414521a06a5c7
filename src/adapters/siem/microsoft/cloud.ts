// Microsoft's clouds: who signs in there, and what each service is called when a token is asked for it. A
// service behind another address (a private link, a proxy) keeps its name.

import { z } from 'zod'

interface Cloud {
  readonly authority: string
  /** Resources; a scope is one with `/.default`. */
  readonly logs: string
  readonly arm: string
  readonly graph: string
}

export const CLOUDS = {
  public: {
    authority: 'https://login.microsoftonline.com',
    logs: 'https://api.loganalytics.io',
    arm: 'https://management.azure.com',
    graph: 'https://graph.microsoft.com',
  },
  usgov: {
    authority: 'https://login.microsoftonline.us',
    logs: 'https://api.loganalytics.us',
    arm: 'https://management.usgovcloudapi.net',
    graph: 'https://graph.microsoft.us',
  },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    logs: 'https://api.loganalytics.azure.cn',
    arm: 'https://management.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
  },
} as const satisfies Readonly<Record<string, Cloud>>

/** What every kind of Microsoft's has among its settings. Unknown keys belong to the target. */
export const cloudSettings = z.object({
  cloud: z.enum(['public', 'usgov', 'china']).default('public'),
  signInUrl: z.string().optional(),
})

export type CloudSettings = z.infer<typeof cloudSettings>

export function scopeOf({ cloud }: CloudSettings, service: 'logs' | 'arm' | 'graph'): string {
  return `${CLOUDS[cloud][service]}/.default`
}

export function authorityOf({ cloud, signInUrl }: CloudSettings): string {
  return (signInUrl ?? CLOUDS[cloud].authority).replace(/\/+$/, '')
}
