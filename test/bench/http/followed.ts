// Event streams as a program holds them open: what each said, and when it ended.

import { Agent, get, type IncomingMessage } from 'node:http'

export interface Followed {
  /** Resolves when it has said so; rejects where it ends before. */
  readonly says: (wanted: string) => Promise<void>
  /** Resolves with its end. */
  readonly ended: Promise<void>
}

export async function follow(url: string, headers: Readonly<Record<string, string>>) {
  const answer = await open(url, headers)
  let text = ''
  answer.setEncoding('utf8').on('data', (part: string) => (text += part))
  const ended = new Promise<void>((resolve, reject) => {
    answer.on('end', resolve).on('error', reject)
  })
  const says = async (wanted: string) => {
    while (!text.includes(wanted)) {
      const next = new Promise<string>((resolve) => answer.once('data', () => resolve('said')))
      const what = await Promise.race([next, ended.then(() => 'ended')])
      if (what === 'ended') throw new Error(`${url} ended and never said ${wanted}`)
    }
  }
  return { says, ended } satisfies Followed
}

function open(url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: new Agent() }, (answer) => {
      if (answer.statusCode === 200) resolve(answer)
      else reject(new Error(`${url} answered ${answer.statusCode}`))
    })
    request.on('error', reject)
  })
}
