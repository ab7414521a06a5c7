// Examples of reference lists, by the names of their schemas (examples.ts).

const AT = '2026-11-21T10:00:00.000Z'
const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'

const list = {
  id: 'lst_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a9c',
  name: 'Scanners',
  about: 'Addresses that look at every host on purpose',
  shape: 'address',
  valuesMax: 50,
  values: ['10.20.0.7', '10.20.0.8'],
  owner: 'ada@acme.example',
  reviewBy: '2027-02-19T23:59:59.999Z',
  isOverdue: false,
  version: 2,
  contentHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  createdAt: AT,
  createdBy: ADA,
  updatedAt: AT,
  updatedBy: ADA,
}

export const LIST_EXAMPLES = {
  ReferenceList: list,
  ReferenceListWithUse: {
    ...list,
    rules: [{ id: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f', title: 'Whoami as system' }],
    exclusions: [],
  },
  ReferenceListPage: { items: [list], next: null, count: 1 },
  ReferenceListVersion: {
    number: 1,
    values: ['10.20.0.7'],
    why: 'The second scanner came',
    createdAt: AT,
    createdBy: ADA,
  },
  NewReferenceList: { name: 'Scanners', values: ['10.20.0.7', '10.20.0.8'], shape: 'address' },
  ReferenceListChange: { values: ['10.20.0.8'], why: 'The first one is gone' },
}
