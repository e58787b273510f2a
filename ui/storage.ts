// What a face keeps on the device: IndexedDB where there is one, else this page's memory. Opened only after somebody
// decided something.
import { get, update, type UseStore } from 'idb-keyval'

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

/**
 * idb-keyval's way to a store, here of a database that ends its transactions with the page, and is closed. WebKit keeps
 * those of a page that it puts aside for “back”, and every page after it waits for them: also for a database that was being
 * made, while its transaction is over and the page has not heard that it is open. Ended half-way they leave what a page
 * leaves that is closed half-way, and the next one goes on from there; a page that is brought back opens the database again.
 */
function createStore(name: string): UseStore {
  const running = new Set<IDBTransaction>()
  let database: IDBDatabase | undefined
  let opening: Promise<IDBDatabase> | undefined
  const track = (transaction: IDBTransaction) => {
    running.add(transaction)
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => running.delete(transaction))
    return transaction
  }
  addEventListener('pagehide', () => {
    for (const transaction of running) {
      try {
        transaction.abort()
      } catch {
        // Already being committed.
      }
    }
    if (!database) return
    database.close()
    database = opening = undefined
  })
  const open = () => new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => {
      database = request.result
      track(request.transaction!)
      database.createObjectStore('sayso')
    }
    request.onsuccess = () => resolve(database = request.result)
    request.onerror = () => {
      database = opening = undefined
      reject(request.error!)
    }
  })
  return async (mode, work) => work(track((await (opening ??= open())).transaction('sayso', mode)).objectStore('sayso'))
}

/** Opens the storage of this name. In Lockdown Mode, some private windows and sandboxed frames there is no IndexedDB. */
export async function openStorage(name = 'sayso'): Promise<DeviceStorage> {
  try {
    const store = createStore(name)
    // Again where the page was put aside as the database was being made.
    await get('key', store).catch(() => get('key', store))
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
