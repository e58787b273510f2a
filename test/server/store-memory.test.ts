// The store in memory keeps the contract of every store.
import { createMemoryStore } from '../../server/store-memory.ts'
import { describeStore } from '../contract/store-contract.ts'

describeStore('memory', async () => createMemoryStore())
