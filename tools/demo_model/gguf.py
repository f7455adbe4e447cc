# Writes a GGUF file, version 3: metadata, then tensors, each aligned to 32 bytes.
import math
import struct

F32, F16 = 0, 1


def _text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


class GgufWriter:
    def __init__(self):
        self._metadata, self._tensors = [], []

    def _put(self, key, kind, data):
        self._metadata.append(_text(key) + struct.pack("<I", kind) + data)

    def u32(self, key, value):
        self._put(key, 4, struct.pack("<I", value))

    def f32(self, key, value):
        self._put(key, 6, struct.pack("<f", value))

    def boolean(self, key, value):
        self._put(key, 7, struct.pack("<?", value))

    def text(self, key, value):
        self._put(key, 8, _text(value))

    def texts(self, key, values):
        self._put(key, 9, struct.pack("<IQ", 8, len(values)) + b"".join(map(_text, values)))

    def i32s(self, key, values):
        self._put(key, 9, struct.pack("<IQ", 5, len(values)) + struct.pack("<%di" % len(values), *values))

    def vector(self, name, values):
        self._tensors.append((name, [len(values)], _pack(values, F32), F32))

    def matrix(self, name, width, rows):
        """Each row is a dict from column to value; what is absent is zero."""
        data = b"".join(_pack(_dense(row, width), F16) for row in rows)
        self._tensors.append((name, [width, len(rows)], data, F16))

    def write(self, path):
        head = b"GGUF" + struct.pack("<IQQ", 3, len(self._tensors), len(self._metadata)) + b"".join(self._metadata)
        offset = 0
        for name, shape, data, kind in self._tensors:
            head += _text(name) + struct.pack("<I", len(shape)) + struct.pack("<%dQ" % len(shape), *shape)
            head += struct.pack("<IQ", kind, offset)
            offset += _padded(len(data))
        with open(path, "wb") as file:
            file.write(head.ljust(_padded(len(head)), b"\0"))
            for _, _, data, _ in self._tensors:
                file.write(data.ljust(_padded(len(data)), b"\0"))


def _padded(size):
    return math.ceil(size / 32) * 32


def _dense(row, width):
    out = [0.0] * width
    for column, value in row.items():
        out[column] = value
    return out


def _pack(values, kind):
    return struct.pack("<%d%s" % (len(values), "e" if kind == F16 else "f"), *values)
