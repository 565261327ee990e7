//! Writes the few ONNX files that tests need; field numbers are those of `onnx.proto`.

/// A graph that answers with the mean of each channel of its input, times `gains`.
/// `input` is (name, [1, 3, rows, columns]), `output` (name, [1, 3]).
pub fn mean_of_channels(input: (&str, &[i64]), output: (&str, &[i64]), gains: [f32; 3]) -> Vec<u8> {
    let node = |operator: &str, inputs: &[&str], output: &str| {
        let mut node: Vec<u8> = inputs.iter().flat_map(|name| text(1, name)).collect();
        node.extend([text(2, output), text(4, operator)].concat());
        bytes(1, &node)
    };
    let values: Vec<u8> = gains.iter().flat_map(|gain| gain.to_le_bytes()).collect();
    // TensorProto: dims, data_type FLOAT, name, raw_data.
    let gains = [integer(1, 1), integer(1, 3), integer(2, 1), text(8, "gains"), bytes(9, &values)];
    let graph = [
        node("GlobalAveragePool", &[input.0], "pooled"),
        node("Flatten", &["pooled"], "means"),
        node("Mul", &["means", "gains"], output.0),
        text(2, "stand-in"),
        bytes(5, &gains.concat()),
        bytes(11, &float_tensor(input)),
        bytes(12, &float_tensor(output)),
    ];
    // ModelProto: IR version 8, the graph, operator set 13.
    [integer(1, 8), bytes(7, &graph.concat()), bytes(8, &integer(2, 13))].concat()
}

/// A `ValueInfoProto` of 32-bit floats.
fn float_tensor((name, shape): (&str, &[i64])) -> Vec<u8> {
    let dimension = |size: &i64| bytes(1, &integer(1, u64::try_from(*size).expect("a size")));
    let shape: Vec<u8> = shape.iter().flat_map(dimension).collect();
    let tensor = [integer(1, 1), bytes(2, &shape)].concat();
    [text(1, name), bytes(2, &bytes(1, &tensor))].concat()
}

fn text(field: u64, value: &str) -> Vec<u8> {
    bytes(field, value.as_bytes())
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn integer(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
