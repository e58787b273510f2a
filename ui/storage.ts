// What a face keeps on the device: IndexedDB where there is one, else this page's memory. Opened only after somebody
// decided something.
import { createStore, get, update } from 'idb-keyval'

/** Values by key. `isDurable`: they outlive the page. */
export interface DeviceStorage {
  isDurable: boolean
  read<T>(key: string): Promise<T | undefined>
  /** Changes a value in one step, also against other tabs; returns the new one. `change` must not wait. */
  change<T>(key: string, change: (old: T | undefined) => T): Promise<T>
}

/** Storage that ends with the page. */
export function createMemoryStorage(): DeviceStorage {
  const values = new Map<string, unknown>()
  return {
    isDurable: false,
    read: async <T>(key: string) => values.get(key) as T | undefined,
    async change<T>(key: string, change: (old: T | undefined) => T) {
      const value = change(values.get(key) as T | undefined)
      values.set(key, value)
      return value
    },
  }
}

/** Opens the storage of this name. In Lockdown Mode, some private windows and sandboxed frames there is no IndexedDB. */
export async function openStorage(name = 'sayso'): Promise<DeviceStorage> {
  try {
    const store = createStore(name, 'sayso')
    await get('key', store)
    return {
      isDurable: true,
      read: (key) => get(key, store),
      async change<T>(key: string, change: (old: T | undefined) => T) {
        let value: T
        await update<T>(key, (old) => value = change(old), store)
        return value!
      },
    }
  } catch {
    return createMemoryStorage()
  }
}
