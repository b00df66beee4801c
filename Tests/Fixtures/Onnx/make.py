# Makes the .onnx files beside this file: models small enough to check by hand. python3-onnx 1.12, /usr/bin/python3 make.py
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

FLOAT = TensorProto.FLOAT
LABELS = "Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral"
INPUT = "float32 [N, 1, 48, 48], gray (BT.601 luma), 0 to 255"
PROPERTIES = {
    "labels": LABELS,
    "input": INPUT,
    "network": "tiny",
    "training_data": "none: made by hand",
    "figures": '{"validationAccuracy": 0.5}',
    "version": "0.1.0",
}


def write(name, nodes, inputs, outputs, initializers=(), properties=PROPERTIES, ir_version=7):
    constants = [numpy_helper.from_array(value, key) for key, value in dict(initializers).items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=ir_version)
    helper.set_model_props(model, properties)
    checker.check_model(model)
    save(model, str(Path(__file__).parent / f"{name}.onnx"))


def classifier(name, batch="N", input_name="image", output_name="probabilities", channels=1, size=48, labels=7,
               input_type=FLOAT, out_batch=None, properties=PROPERTIES, bias=0.0):
    """softmax(mean(image) / 100 * (0, 0, 0, 1, 0, -1, 0) + bias): for pixels of mean m, Happy is e^(m/100) as probable as Angry."""
    weights = np.zeros((1, labels), np.float32)
    weights[0, 3] = 0.01
    weights[0, 5] = -0.01
    nodes = [
        helper.make_node("Cast", [input_name], ["float"], to=FLOAT),
        helper.make_node("ReduceMean", ["float"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "one"], ["column"]),
        helper.make_node("Mul", ["column", "weights"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [output_name], axis=1),
    ]
    write(
        name, nodes,
        [helper.make_tensor_value_info(input_name, input_type, [batch, channels, size, size])],
        [helper.make_tensor_value_info(output_name, FLOAT, [out_batch or batch, labels])],
        {"one": np.array([1], np.int64), "weights": weights, "bias": np.array([[bias]], np.float32)},
        properties)


classifier("tiny")
classifier("tiny-batch1", batch=1)
classifier("batch4", batch=4)
classifier("rgb64", batch=1, channels=3, size=64)
classifier("labels8", labels=8)
classifier("uint8-input", input_type=TensorProto.UINT8)
classifier("input-name", input_name="x")
classifier("output-name", output_name="y")
classifier("label-order", properties=PROPERTIES | {"labels": "Happy,Disgust,Fear,Angry,Sad,Surprise,Neutral"})
classifier("input-range", properties=PROPERTIES | {"input": "float32 [N, 1, 48, 48], gray, 0 to 1"})
classifier("no-metadata", properties={})
classifier("bad-figures", properties=PROPERTIES | {"figures": "good"})
classifier("nan", bias=float("nan"))

write(
    "two-in-two-out",
    [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Mul", ["a", "b"], ["product"])],
    [helper.make_tensor_value_info("a", FLOAT, ["N", 3]), helper.make_tensor_value_info("b", FLOAT, [3])],
    [helper.make_tensor_value_info("sum", FLOAT, ["N", 3]), helper.make_tensor_value_info("product", FLOAT, ["N", 3])],
    properties={"Grüße": "naïve ☺", "empty": ""})
write(
    "int64-output",
    [helper.make_node("ArgMax", ["x"], ["index"], axis=1)],
    [helper.make_tensor_value_info("x", FLOAT, ["N", 3])],
    [helper.make_tensor_value_info("index", TensorProto.INT64, ["N", 1])])
