// Searches for the looks: one whose targets said all that a target can say, with a row open and a row
// pinned, and what is kept to be asked again.

import { verbsOf } from '#domain/access/permission.ts'
import { NewPin } from '#domain/searches/input.ts'
import { pinRow } from '#domain/searches/pins.ts'
import { saveSearch } from '#domain/searches/saved-actions.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { plantShownSearch } from '#test/support/shown-search.ts'
import { callerIn } from './world.ts'

interface Place {
  readonly name: string
  readonly path: string
}

export async function fillSearches(house: House, workspaceId: string): Promise<readonly Place[]> {
  const caller = { ...callerIn(house, workspaceId), verbs: verbsOf('engineer') }
  const id = await plantShownSearch(house, caller)
  await nextTurn()
  const pin = { position: 1, row: 3, columns: ['_time', 'host', 'CommandLine'], note: 'First seen' }
  await pinRow(house, caller, id, NewPin.parse(pin))
  const saved = await saveSearch(house, caller, id, {
    name: `Encoded PowerShell, ${'every site and every office, '.repeat(5)}hourly`,
    isShared: true,
    cron: '5 * * * *',
  })
  const root = '/w/acme/searches'
  const pivot = `pivot=${id}&segment=1&column=host&value=ws-1`
  return [
    { name: 'search', path: `${root}/${id}` },
    { name: 'search-open', path: `${root}/${id}?open=1.3` },
    { name: 'search-none', path: `${root}/${id}?q=zzz` },
    { name: 'search-save', path: `${root}/${id}/save` },
    { name: 'search-pivot', path: `${root}/new?${pivot}` },
    { name: 'searches-some', path: `${root}?q=powershell` },
    { name: 'saved-searches', path: `${root}/saved` },
    { name: 'saved-search', path: `${root}/saved/${saved.id}` },
  ]
}
