export default {
  // A fixed place: the folder above has other apps with lock files of their own.
  turbopack: { root: import.meta.dirname },
};
