/**
 * A map from text to values that is never changed: a change makes a new map, which shares almost all with the old one
 * and costs about the same however large the map is. Plain data, and of one shape for the same entries, whatever the
 * order in which they came: a trie over the bits of each key's hash, five at a time.
 */
export interface PersistentMap<V> {
  readonly size: number;
  readonly root: MapNode<V> | null;
}

type MapNode<V> = Branch<V> | Leaf<V>;

/** At least two leaves hang below a branch; `bitmap` says which of 32 places are taken, `nodes` what stands in them. */
interface Branch<V> {
  readonly bitmap: number;
  readonly nodes: readonly MapNode<V>[];
}

interface Leaf<V> {
  readonly hash: number;
  readonly key: string;
  readonly value: V;
  /** Another key of the same hash, later in the alphabet. */
  readonly more: Leaf<V> | null;
  readonly nodes?: undefined;
}

const EMPTY: PersistentMap<never> = { size: 0, root: null };

export function emptyMap<V>(): PersistentMap<V> {
  return EMPTY;
}

/** The value under a key. A value is never undefined. */
export function entryOf<V>(map: PersistentMap<V>, key: string): V | undefined {
  return map.root === null ? undefined : valueBelow(map.root, hashOf(key), key);
}

function valueBelow<V>(root: MapNode<V>, hash: number, key: string): V | undefined {
  let node = root;
  for (let shift = 0; node.nodes !== undefined; shift += 5) {
    const bit = bitAt(hash, shift);
    if ((node.bitmap & bit) === 0) return undefined;
    node = node.nodes[placeOf(node.bitmap, bit)] as MapNode<V>;
  }
  for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.more)
    if (leaf.key === key) return leaf.value;
  return undefined;
}

export function hasEntry<V>(map: PersistentMap<V>, key: string): boolean {
  return entryOf(map, key) !== undefined;
}

/** The map with this value under this key. */
export function withEntry<V>(map: PersistentMap<V>, key: string, value: V): PersistentMap<V> {
  const leaf: Leaf<V> = { hash: hashOf(key), key, value, more: null };
  if (map.root === null) return { size: 1, root: leaf };
  const before = valueBelow(map.root, leaf.hash, key);
  if (before === value) return map;
  return { size: map.size + (before === undefined ? 1 : 0), root: insert(map.root, leaf, 0) };
}

/** The map without this key. */
export function withoutEntry<V>(map: PersistentMap<V>, key: string): PersistentMap<V> {
  if (map.root === null) return map;
  const hash = hashOf(key);
  if (valueBelow(map.root, hash, key) === undefined) return map;
  if (map.size === 1) return EMPTY;
  return { size: map.size - 1, root: remove(map.root, hash, key, 0) };
}

/** All keys in alphabetical order. */
export function keysOf<V>(map: PersistentMap<V>): string[] {
  const keys: string[] = [];
  eachEntry(map, (key) => keys.push(key));
  return keys.sort();
}

/** Visits all entries, in an order that depends on the keys alone. */
export function eachEntry<V>(map: PersistentMap<V>, visit: (key: string, value: V) => void): void {
  if (map.root !== null) eachBelow(map.root, visit);
}

function eachBelow<V>(node: MapNode<V>, visit: (key: string, value: V) => void): void {
  if (node.nodes !== undefined) {
    for (const below of node.nodes) eachBelow(below, visit);
    return;
  }
  for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.more)
    visit(leaf.key, leaf.value);
}

function insert<V>(node: MapNode<V>, leaf: Leaf<V>, shift: number): MapNode<V> {
  if (node.nodes === undefined) {
    return node.hash === leaf.hash ? chain(node, leaf) : part(node, leaf, shift);
  }
  const bit = bitAt(leaf.hash, shift);
  const place = placeOf(node.bitmap, bit);
  const nodes = node.nodes.slice();
  if ((node.bitmap & bit) === 0) {
    nodes.splice(place, 0, leaf);
    return { bitmap: node.bitmap | bit, nodes };
  }
  nodes[place] = insert(nodes[place] as MapNode<V>, leaf, shift + 5);
  return { bitmap: node.bitmap, nodes };
}

/** A leaf into a list of leaves of the same hash, which stands in alphabetical order. */
function chain<V>(list: Leaf<V> | null, leaf: Leaf<V>): Leaf<V> {
  if (list === null || leaf.key < list.key) return { ...leaf, more: list };
  if (leaf.key === list.key) return { ...leaf, more: list.more };
  return { ...list, more: chain(list.more, leaf) };
}

/** Branches down to where the hashes of two leaves part. */
function part<V>(one: Leaf<V>, other: Leaf<V>, shift: number): MapNode<V> {
  const oneBit = bitAt(one.hash, shift);
  const otherBit = bitAt(other.hash, shift);
  if (oneBit === otherBit) return { bitmap: oneBit, nodes: [part(one, other, shift + 5)] };
  const inOrder = placeOf(oneBit | otherBit, oneBit) === 0;
  return { bitmap: oneBit | otherBit, nodes: inOrder ? [one, other] : [other, one] };
}

/** Without a key that is there. A branch above a single leaf gives way to it, so that the shape tells no history. */
function remove<V>(node: MapNode<V>, hash: number, key: string, shift: number): MapNode<V> | null {
  if (node.nodes === undefined) return unchain(node, key);
  const bit = bitAt(hash, shift);
  const place = placeOf(node.bitmap, bit);
  const below = remove(node.nodes[place] as MapNode<V>, hash, key, shift + 5);
  const nodes = node.nodes.slice();
  if (below === null) nodes.splice(place, 1);
  else nodes[place] = below;
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined && only.nodes === undefined) return only;
  return { bitmap: below === null ? node.bitmap & ~bit : node.bitmap, nodes };
}

function unchain<V>(list: Leaf<V>, key: string): Leaf<V> | null {
  if (list.key === key) return list.more;
  return { ...list, more: list.more === null ? null : unchain(list.more, key) };
}

/** Which of 32 places these five bits of a hash mean, as a bit. */
function bitAt(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & 31);
}

/** How many places before this one are taken. */
function placeOf(bitmap: number, bit: number): number {
  let rest = bitmap & (bit - 1);
  rest -= (rest >>> 1) & 0x55555555;
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** FNV-1a, and the finalizer of MurmurHash3 so that names that differ in one digit spread. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
