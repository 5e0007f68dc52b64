// What is proved of the library with yosys `sat`: every top module here states assumptions about its
// free inputs and assertions about one unit. Reset lasts for the first clock.

`default_nettype none

// A beat that is offered stays offered, unchanged, until it is taken.
module formal_holds #(
  parameter W = 1,
  parameter ASSUME = 0  // 1: of the source, which the proof may rely on
) (
  input wire         clk,
  input wire         resetn,
  input wire [W-1:0] data,
  input wire         valid,
  input wire         ready
);
  reg         waits = 1'b0;
  reg [W-1:0] held;
  always @(posedge clk) begin
    waits <= resetn && valid && !ready;
    held  <= data;
  end
  always @* begin
    if (ASSUME) begin
      if (waits) assume (valid && data == held);
    end else if (resetn && waits)
      assert (valid && data == held);
  end
endmodule

module formal_reset (input wire clk, output wire resetn);
  reg begun = 1'b0;
  always @(posedge clk)
    begun <= 1'b1;
  assign resetn = begun;
endmodule

// Elements leave in the order in which they entered, none lost, none doubled: of an element of any
// number, what leaves is what entered. Beats carry A elements in and B elements out.
module formal_order #(
  parameter W = 1,
  parameter A = 1,
  parameter B = 1,
  parameter ENABLE = 1
) (
  input wire           clk,
  input wire           resetn,
  input wire [4:0]     pick,
  input wire [A*W-1:0] in_data,
  input wire           in_passes,
  input wire [B*W-1:0] out_data,
  input wire           out_valid,
  input wire           out_passes
);
  reg [5:0]   entered = 6'd0;
  reg [5:0]   left = 6'd0;
  reg         seen = 1'b0;
  reg [W-1:0] value;
  reg [4:0]   picked;
  reg         begun = 1'b0;
  wire [5:0]  in_at = pick - entered;
  wire [5:0]  out_at = pick - left;
  always @(posedge clk) begin
    picked <= pick;
    begun  <= 1'b1;
    if (resetn && in_passes) begin
      entered <= entered + A;
      if (pick >= entered && in_at < A) begin
        seen  <= 1'b1;
        value <= in_data >> (in_at * W);
      end
    end
    if (resetn && out_passes)
      left <= left + B;
  end
  wire [W-1:0] leaving = out_data >> (out_at * W);
  always @* begin
    if (begun) assume (pick == picked);
    if (ENABLE && resetn && out_valid && pick >= left && out_at < B)
      assert (seen && leaving == value);
  end
endmodule

module formal_skid #(parameter ORDER = 1) (input wire clk, input wire [4:0] pick, input wire [1:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv;
  wire [1:0] m;
  formal_reset reset (clk, resetn);
  helu_skid #(.W(2)) dut (clk, resetn, s, sv, sr, m, mv, mr);
  formal_holds #(.W(2)) holds (clk, resetn, m, mv, mr);
  formal_order #(.W(2), .ENABLE(ORDER)) order (clk, resetn, pick, s, sv && sr, m, mv, mv && mr);
endmodule

module formal_upsize #(parameter ORDER = 1) (input wire clk, input wire [4:0] pick, input wire [1:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv;
  wire [5:0] m;
  formal_reset reset (clk, resetn);
  helu_upsize #(.W(2), .F(3), .CW(2)) dut (clk, resetn, s, sv, sr, m, mv, mr);
  formal_holds #(.W(6)) holds (clk, resetn, m, mv, mr);
  formal_order #(.W(2), .B(3), .ENABLE(ORDER)) order (clk, resetn, pick, s, sv && sr, m, mv, mv && mr);
endmodule

module formal_downsize #(parameter ORDER = 1) (input wire clk, input wire [4:0] pick, input wire [5:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv;
  wire [1:0] m;
  formal_reset reset (clk, resetn);
  helu_downsize #(.W(2), .F(3), .CW(2)) dut (clk, resetn, s, sv, sr, m, mv, mr);
  formal_holds #(.W(2)) holds (clk, resetn, m, mv, mr);
  formal_order #(.W(2), .A(3), .ENABLE(ORDER)) order (clk, resetn, pick, s, sv && sr, m, mv, mv && mr);
endmodule

module formal_fifo #(parameter ORDER = 1) (input wire clk, input wire [4:0] pick, input wire [1:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv;
  wire [1:0] m;
  formal_reset reset (clk, resetn);
  helu_fifo #(.W(2), .DEPTH(3), .AW(2), .CW(2)) dut (clk, resetn, s, sv, sr, m, mv, mr);
  formal_holds #(.W(2)) holds (clk, resetn, m, mv, mr);
  formal_order #(.W(2), .ENABLE(ORDER)) order (clk, resetn, pick, s, sv && sr, m, mv, mv && mr);
endmodule

// A pipeline of two clocks between credits and a memory of three beats: what is let in is inside, so the
// memory never gets a beat that it has no room for.
module formal_credits #(parameter ORDER = 1) (input wire clk, input wire [4:0] pick, input wire [1:0] s, input wire sv, input wire mr);
  wire resetn, sr, fr, mv, ev;
  wire [1:0] e, m;
  formal_reset reset (clk, resetn);
  helu_credits #(.W(2), .COUNT(3), .CW(2)) dut (clk, resetn, s, sv, sr, mv, mr, e, ev);
  reg [3:0] data;
  reg [1:0] valid;
  always @(posedge clk) begin
    valid <= resetn ? {valid[0], ev} : 2'd0;
    data  <= {data[1:0], e};
  end
  helu_fifo #(.W(2), .DEPTH(3), .AW(2), .CW(2), .ROOM(1)) fifo (
    clk, resetn, data[3:2], valid[1], fr, m, mv, mr);
  formal_holds #(.W(2)) holds (clk, resetn, m, mv, mr);
  formal_order #(.W(2), .ENABLE(ORDER)) order (clk, resetn, pick, s, sv && sr, m, mv, mv && mr);
  (* hierconn *) wire [1:0] \dut.credits ;
  (* hierconn *) wire       \dut.returned ;
  (* hierconn *) wire [1:0] \fifo.count ;
  wire [3:0] inside = ev + valid[0] + valid[1] + \fifo.count + mv + \dut.returned ;
  always @*
    if (resetn) begin
      assert (inside + \dut.credits == 4'd3);
      assert (!(valid[1] && \fifo.count == 2'd3));
    end
endmodule

module formal_fork (input wire clk, input wire [1:0] s, input wire sv,
                    input wire ar, input wire br);
  wire resetn, sr, av, bv;
  wire [1:0] a, b;
  formal_reset reset (clk, resetn);
  helu_fork #(.W(2)) dut (clk, resetn, s, sv, sr, a, av, ar, b, bv, br);
  formal_holds #(.W(2), .ASSUME(1)) source (clk, resetn, s, sv, sr);
  formal_holds #(.W(2)) a_holds (clk, resetn, a, av, ar);
  formal_holds #(.W(2)) b_holds (clk, resetn, b, bv, br);
  reg [5:0]  a_left = 6'd0;
  reg [5:0]  b_left = 6'd0;
  reg [5:0]  taken = 6'd0;
  always @(posedge clk)
    if (resetn) begin
      a_left <= a_left + (av && ar);
      b_left <= b_left + (bv && br);
      taken  <= taken + (sv && sr);
    end
  always @*
    if (resetn) begin
      // Each branch has the beats that were taken, and at most the one that is offered.
      assert (a_left == taken || a_left == taken + 6'd1 && sv);
      assert (b_left == taken || b_left == taken + 6'd1 && sv);
      assert (av == (sv && a_left == taken) && bv == (sv && b_left == taken));
      assert (!sv || a == s && b == s);
    end
endmodule

module formal_window (input wire clk, input wire [1:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv, pad;
  wire [1:0] m;
  formal_reset reset (clk, resetn);
  helu_window #(.W(2), .HEIGHT(3), .WIDTH(3), .KH(2), .KW(2), .PT(1), .PL(1), .OH(3), .OW(3),
                .REPLAY(2), .ROWS(4), .RB(2), .AW(4), .YB(5), .CB(5), .PAD(2'd1)) dut (
    .clk(clk), .resetn(resetn), .s_data(s), .s_valid(sv), .s_ready(sr),
    .m_data(m), .m_pad(pad), .m_valid(mv), .m_ready(mr));
  formal_holds #(.W(3)) holds (clk, resetn, {pad, m}, mv, mr);
endmodule

module formal_max (input wire clk, input wire [3:0] s, input wire sv, input wire mr);
  wire resetn, sr, mv;
  wire [3:0] m;
  formal_reset reset (clk, resetn);
  helu_max #(.LANES(2), .XB(2), .TAPS(3), .TB(2)) dut (clk, resetn, s, sv, sr, m, mv, mr);
  formal_holds #(.W(4)) holds (clk, resetn, m, mv, mr);
endmodule

module formal_offset (input wire clk, input wire [3:0] s, input wire sv, input wire [7:0] p, input wire mr);
  wire resetn, sr, mv, pe, pa;
  wire [7:0] m;
  formal_reset reset (clk, resetn);
  helu_offset #(.LANES(1), .IB(4), .SIGNED(1), .SHIFT(1), .RB(8), .OB(8)) dut (
    clk, resetn, s, sv, sr, pe, pa, p, m, mv, mr);
  formal_holds #(.W(8)) holds (clk, resetn, m, mv, mr);
endmodule

module formal_requantize (input wire clk, input wire [3:0] s, input wire sv, input wire [1:0] r,
                          input wire rv, input wire [15:0] p, input wire mr);
  wire resetn, sr, rr, mv, pe, pa;
  wire [3:0] m;
  formal_reset reset (clk, resetn);
  helu_requantize #(.LANES(1), .IB(4), .SIGNED(1), .MB(4), .RB(3), .BB(9), .RESIDUAL(1), .XB(2),
                    .SHIFT(2), .HIGH(11), .OB(4)) dut (
    clk, resetn, s, sv, sr, r, rv, rr, pe, pa, p, m, mv, mr);
  formal_holds #(.W(4)) holds (clk, resetn, m, mv, mr);
  // The two inputs are taken together or not at all.
  always @*
    if (resetn) assert ((sv && sr) == (rv && rr));
endmodule

// A whole matrix-vector-threshold unit, for all weights, thresholds, inputs and stalls: of the vector of
// any number, every output code is what the formula says.
//
//   WB = 1:  code[o] = sum over k of popcount(x[k] XNOR w[o][k]) >= t[o], where x[k] has one bit
//            code[o] = sum over k of (x[k] XNOR w[o][k]) + pairs whose first w[o][k] is 0 >= t[o]
//   WB > 1:  code[o] = sum over k of (STEP * x[k] - ZERO) * w[o][k] >= t[o]
module formal_matrix #(
  parameter XB = 1,
  parameter VB = 2,
  parameter WB = 1,
  parameter GROUPS = 1,
  parameter STEP = 1,
  parameter ZERO = 0,
  parameter SUMB = 3,
  parameter SIMD = 2,
  parameter PE = 1
) (
  input wire                 clk,
  input wire                 pick,
  input wire [4*PE*SIMD*WB-1:0] weights,  // w[o][k] at K * o + k
  input wire [2*PE*SUMB-1:0] thresholds,
  input wire [SIMD*XB-1:0]   s,
  input wire                 sv,
  input wire                 mr
);
  localparam SF = 2;
  localparam NF = 2;
  localparam K  = SF * SIMD;
  localparam O  = NF * PE;
  wire resetn, sr, mv;
  formal_reset reset (clk, resetn);

  // Constants do not change.
  reg                begun = 1'b0;
  reg                was_pick;
  reg [O*K*WB-1:0]   was_weights;
  reg [O*SUMB-1:0]   was_thresholds;
  always @(posedge clk) begin
    begun          <= 1'b1;
    was_pick       <= pick;
    was_weights    <= weights;
    was_thresholds <= thresholds;
  end
  always @*
    if (begun) assume (pick == was_pick && weights == was_weights && thresholds == was_thresholds);

  wire [SIMD*XB-1:0] x;
  wire               xv, xr;
  helu_window #(.W(SIMD*XB), .CF(SF), .REPLAY(NF), .ROWS(2), .RB(1), .AW(2), .YB(4), .CB(4)) window (
    .clk(clk), .resetn(resetn), .s_data(s), .s_valid(sv), .s_ready(sr),
    .m_data(x), .m_pad(), .m_valid(xv), .m_ready(xr));

  wire                  we, ze, zv, zr, te;
  wire [1:0]            wa;
  wire                  ta;
  reg  [PE*SIMD*WB-1:0] w;
  reg  [PE*SUMB-1:0]    t;
  wire [PE*SUMB-1:0]    z;
  wire [PE-1:0]         m;
  integer p, i;
  always @(posedge clk) begin
    if (we)
      for (p = 0; p < PE; p = p + 1)
        for (i = 0; i < SIMD; i = i + 1)
          w[(p*SIMD + i)*WB +: WB] <= weights >> (K * (wa / SF * PE + p) + wa % SF * SIMD + i) * WB;
    if (te)
      t <= thresholds >> ta * PE * SUMB;
  end
  helu_mac #(.SIMD(SIMD), .PE(PE), .XB(XB), .VB(VB), .WB(WB), .SF(SF), .NF(NF), .AW(2), .SB(1),
             .GROUPS(GROUPS), .GROUP(SIMD / GROUPS), .LEVELS(GROUPS - 1), .PARTB(SUMB), .INCB(SUMB), .ACCB(SUMB),
             .STEP(STEP), .ZERO(ZERO)) mac (
    .clk(clk), .resetn(resetn), .s_data(x), .s_pad(1'b0), .s_valid(xv), .s_ready(xr),
    .w_enable(we), .w_address(wa), .w_data(w), .m_data(z), .m_valid(zv), .m_ready(zr));
  helu_threshold #(.LANES(PE), .IB(SUMB), .SIGNED(WB > 1), .TB(SUMB), .NF(NF), .AW(1)) threshold (
    .clk(clk), .resetn(resetn), .s_data(z), .s_valid(zv), .s_ready(zr),
    .p_enable(te), .p_address(ta), .p_data(t), .m_data(m), .m_valid(mv), .m_ready(mr));
  formal_holds #(.W(PE)) holds (clk, resetn, m, mv, mr);

  // The picked vector.
  reg [3:0]      entered = 4'd0;  // beats
  reg [3:0]      left = 4'd0;
  reg [K*XB-1:0] vector;
  always @(posedge clk)
    if (resetn) begin
      if (sv && sr) begin
        entered <= entered + 1'b1;
        if (entered / SF == pick)
          vector[entered % SF * SIMD * XB +: SIMD * XB] <= s;
      end
      if (mv && mr)
        left <= left + 1'b1;
    end

  // The formula.
  reg [O-1:0] code;
  integer o, k, b;
  reg signed [SUMB+3:0] sum;
  reg signed [VB-1:0]   value;
  reg signed [WB-1:0]   weight;
  reg signed [SUMB+3:0] limit;
  always @*
    for (o = 0; o < O; o = o + 1) begin
      sum = 0;
      for (k = 0; k < K; k = k + 1) begin
        weight = weights[(K*o + k)*WB +: WB];
        if (WB == 1) begin
          value = 0;
          for (b = 0; b < XB; b = b + 1)
            sum = sum + ((vector[k*XB + b] == weights[K*o + k]) << b);
          if (XB > 1 && k % 2 == 0)
            sum = sum + !weights[K*o + k];
        end else begin
          value = STEP * vector[k*XB +: XB] - ZERO;
          sum   = sum + value * weight;
        end
      end
      limit = {{4{WB > 1 && thresholds[o*SUMB + SUMB - 1]}}, thresholds[o*SUMB +: SUMB]};
      code[o] = sum >= limit;
    end
  wire [PE-1:0] wanted = code >> left % NF * PE;
  always @*
    if (resetn && mv && left / NF == pick)
      assert (m == wanted && entered >= (pick + 1) * SF);
endmodule

// Signed weights of three bits, bipolar codes, two parts summed a clock apart.
module formal_matrix_products (
  input wire clk, input wire pick, input wire [23:0] weights, input wire [11:0] thresholds,
  input wire [1:0] s, input wire sv, input wire mr
);
  formal_matrix #(.WB(3), .GROUPS(2), .STEP(2), .ZERO(1), .SUMB(6)) unit (
    clk, pick, weights, thresholds, s, sv, mr);
endmodule

// Codes of two bits with weights of one.
module formal_matrix_planes (
  input wire clk, input wire pick, input wire [7:0] weights, input wire [7:0] thresholds,
  input wire [3:0] s, input wire sv, input wire mr
);
  formal_matrix #(.XB(2), .SUMB(4)) unit (clk, pick, weights, thresholds, s, sv, mr);
endmodule

`default_nettype wire
