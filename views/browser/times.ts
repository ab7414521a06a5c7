// Keeps "6 min ago" true while a page stays open, and adds the local time to the exact UTC of each
// title. Counts from the server's clock, so a wrong one on this machine does not show.

import { formatRelative } from '#views/parts/format.ts'

const REFRESH_MS = 20_000

const LOCAL = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
})

let skewMs = 0

/** `servedAt`: the server's clock when this page was made, unix ms. */
export function keepTimes(servedAt: number): void {
  if (Number.isFinite(servedAt)) skewMs = servedAt - Date.now()
  setInterval(() => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
      time.textContent = formatRelative(Date.parse(time.dateTime), Date.now() + skewMs)
    }
  }, REFRESH_MS)
}

export function addLocalTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[title$=" UTC"]')) {
    time.title = `${time.title}, here ${LOCAL.format(Date.parse(time.dateTime))}`
  }
}
