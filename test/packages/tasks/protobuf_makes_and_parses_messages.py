# with google/protobuf
"""Messages of the well-known types, and of a descriptor made here; bytes and JSON there and back."""

from concurrent.futures import ThreadPoolExecutor

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, text_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp


def make_class():
    file = descriptor_pb2.FileDescriptorProto(name="task.proto", package="task", syntax="proto3")
    node = file.message_type.add(name="Node")
    kinds = descriptor_pb2.FieldDescriptorProto
    node.field.add(name="number", number=1, type=kinds.TYPE_SINT64, label=kinds.LABEL_OPTIONAL)
    node.field.add(name="text", number=2, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    node.field.add(name="values", number=3, type=kinds.TYPE_DOUBLE, label=kinds.LABEL_REPEATED)
    node.field.add(name="children", number=4, type=kinds.TYPE_MESSAGE, label=kinds.LABEL_REPEATED,
                   type_name=".task.Node")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("task.Node"))


Node = make_class()


def tree(depth, number=0):
    node = Node(number=number, text=f"n{number}", values=[number / 4, 1.5])
    if depth:
        node.children.extend(tree(depth - 1, 2 * number + k) for k in (1, 2))
    return node


def total(data):
    def add(node):
        return node.number + sum(map(add, node.children))

    return add(Node.FromString(data))


struct = Struct()
struct["a"] = 3
struct["list"] = [1, "x", {"deep": True}]
print(Struct.FromString(struct.SerializeToString()) == struct, sorted(json_format.MessageToDict(struct).items()))
print(Timestamp(seconds=1_600_000_000, nanos=5).ToJsonString(), Duration(seconds=-3).ToJsonString())
one = tree(1, -3)
print(one)
print(one.SerializeToString(deterministic=True).hex())
print(json_format.MessageToJson(one, indent=None, sort_keys=True))
print(json_format.Parse('{"number": "12", "values": [1, 2]}', Node()).values[1], len(one.children), one.ByteSize())
print(text_format.Parse('number: 5 children { text: "c" }', Node()).children[0].text)
one.children[0].MergeFrom(Node(text="merged", values=[9]))
print(list(one.children[0].values), one.children[0].text, one.ListFields()[0][1])
del one.children[0]
print(len(one.children), [f.name for f in Node.DESCRIPTOR.fields])
for wrong in (lambda: Node(number="x"), lambda: setattr(one, "none", 1), lambda: Node.FromString(b"\xff\xff")):
    try:
        wrong()
    except (TypeError, AttributeError, DecodeError) as error:
        print(type(error).__name__)
data = tree(8).SerializeToString()
with ThreadPoolExecutor(4) as pool:
    print(len(data), set(pool.map(total, [data] * 8)))
